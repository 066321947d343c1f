/** One of the 16 colours every terminal has; the page's style sheet says how each looks in light and in dark. */
export type Colour = number;

export type Style = {
  readonly foreground?: Colour;
  readonly background?: Colour;
  readonly bold?: true;
  readonly dim?: true;
  readonly italic?: true;
  readonly underline?: true;
};

const plain: Style = {};

/** The style after an SGR sequence with these parameters (`1;31`); what it does not know changes nothing. */
export function styled(before: Style, parameters: string): Style {
  const codes = parameters.split(/[;:]/).map(Number);
  let style = before;
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 38 || code === 48) {
      const { colour, used } = extended(codes, at + 1);
      style = withColour(style, code === 38 ? "foreground" : "background", colour);
      at += used;
    } else style = afterCode(style, code);
  }
  return style;
}

function afterCode(style: Style, code: number): Style {
  if (code === 0) return plain;
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 3) return { ...style, italic: true };
  if (code === 4) return { ...style, underline: true };
  if (code === 22) return without(style, "bold", "dim");
  if (code === 23) return without(style, "italic");
  if (code === 24) return without(style, "underline");
  if (code === 39) return without(style, "foreground");
  if (code === 49) return without(style, "background");
  if (code >= 30 && code <= 37) return { ...style, foreground: code - 30 };
  if (code >= 40 && code <= 47) return { ...style, background: code - 40 };
  if (code >= 90 && code <= 97) return { ...style, foreground: code - 82 };
  if (code >= 100 && code <= 107) return { ...style, background: code - 92 };
  return style;
}

/** `5;n` names one of 256 colours, `2;r;g;b` mixes one. Both become the nearest of the 16 that stay readable here. */
function extended(codes: readonly number[], at: number): { colour: Colour | undefined; used: number } {
  if (codes[at] === 5) return { colour: ofPalette(codes[at + 1] ?? 0), used: 2 };
  if (codes[at] === 2) {
    const [red = 0, green = 0, blue = 0] = codes.slice(at + 1, at + 4);
    return { colour: nearest(red, green, blue), used: 4 };
  }
  return { colour: undefined, used: 0 };
}

/** xterm's palette: 16 colours, a cube of 6 x 6 x 6, and 24 greys. */
function ofPalette(index: number): Colour | undefined {
  if (!Number.isInteger(index) || index < 0 || index > 255) return undefined;
  if (index < 16) return index;
  if (index >= 232) return nearest(8 + (index - 232) * 10, 8 + (index - 232) * 10, 8 + (index - 232) * 10);
  const cube = index - 16;
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40);
  return nearest(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

/** Which of red, green and blue it has at least half as strongly as its strongest. */
function nearest(red: number, green: number, blue: number): Colour {
  const strongest = Math.max(red, green, blue);
  if (strongest < 48) return 0;
  const bits = [red, green, blue].reduce((sum, part, bit) => sum + (part * 2 > strongest ? 1 << bit : 0), 0);
  if (bits === 7) return strongest > 200 ? 15 : strongest > 120 ? 7 : 8;
  return strongest > 200 ? bits + 8 : bits;
}

const withColour = (style: Style, part: "foreground" | "background", colour: Colour | undefined): Style =>
  colour === undefined ? style : { ...style, [part]: colour };

const without = (style: Style, ...parts: readonly (keyof Style)[]): Style =>
  Object.fromEntries(Object.entries(style).filter(([part]) => !parts.some((gone) => gone === part)));
