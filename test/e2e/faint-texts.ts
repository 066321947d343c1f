/**
 * Runs in the browser: every visible text whose contrast with what is behind it is below WCAG's 4.5 : 1 (3 : 1 for
 * large ones), as "3.1 : 1 in "the text"".
 */
export function faintTexts(): string[] {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (!pen) return ["the browser has no canvas to mix colours on"];
  const mixed = (colours: readonly string[]): readonly number[] => {
    pen.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      pen.fillStyle = colour;
      pen.fillRect(0, 0, 1, 1);
    }
    return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  };
  const luminance = (parts: readonly number[]): number => {
    const [red = 0, green = 0, blue = 0] = parts.map((part) =>
      part <= 10 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const grounds = (element: Element | null): string[] =>
    element === null ? [] : [...grounds(element.parentElement), getComputedStyle(element).backgroundColor];
  const complaint = (element: Element): string | undefined => {
    const { color, fontSize, fontWeight, opacity } = getComputedStyle(element);
    const behind = grounds(element);
    const [text, ground] = [luminance(mixed([...behind, color])), luminance(mixed(behind))];
    const contrast = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
    const size = Number.parseFloat(fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700);
    if (contrast >= (isLarge ? 3 : 4.5) || Number(opacity) === 0) return undefined;
    return `${contrast.toFixed(1)} : 1 in "${element.textContent?.slice(0, 40)}"`;
  };
  return [...document.querySelectorAll("body *")]
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim()))
    .filter((element) => element.checkVisibility() && !element.closest("noscript, .unseen"))
    .flatMap((element) => complaint(element) ?? []);
}
