const codes = { red: 31, green: 32, yellow: 33, cyan: 36, bold: 1, dim: 2 } as const;

export type Colour = keyof typeof codes;
export type Paint = (text: string, colour: Colour | undefined) => string;

/** Paints text for a terminal, or leaves it alone. */
export const makePaint =
  (on: boolean): Paint =>
  (text, colour) =>
    on && colour && text ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text;
