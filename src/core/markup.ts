/** Text as it may stand between tags and in quoted attributes, of HTML and of SVG. */
export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (each) => entities[each] ?? "").replace(unprintable, "\u{fffd}");

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

// XML allows no control characters at all, nor half letters; what turns the direction of writing would let a text lie
// about its neighbours.
const unprintable = /(?![\t\n\r])[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu;

type Value = string | number | undefined;

/** One element; attributes that are undefined are left out, `children` are markup already. */
export function element(
  name: string,
  attributes: Readonly<Record<string, Value>>,
  ...children: readonly string[]
): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escaped(typeof value === "number" ? short(value) : (value ?? ""))}"`);
  return children.length === 0
    ? `<${name}${written.join("")}/>`
    : `<${name}${written.join("")}>${children.join("")}</${name}>`;
}

/** Tenths are finer than any eye. */
export const short = (value: number): string => String(Math.round(value * 10) / 10);
