import { element, escaped } from "#core/markup.ts";

export const fontFamily = "Lato, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif";

/** Of the size of the letters; wider than most, so that what is measured with it fits. */
const letterWidth = 0.55;

export type Label = {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly tone?: string;
  readonly bold?: boolean;
  readonly anchor?: "start" | "middle" | "end";
};

export const label = (text: string, { x, y, size, tone = "ink", bold, anchor }: Label): string =>
  element(
    "text",
    { x, y, "font-size": size, class: `rp-${tone}`, "font-weight": bold ? 700 : undefined, "text-anchor": anchor },
    escaped(text),
  );

export const widthOf = (text: string, size: number): number => [...text].length * size * letterWidth;

/** So much of the text as fits into the width. */
export function fitted(text: string, size: number, width: number): string {
  const room = Math.max(1, Math.floor(width / (size * letterWidth)));
  const letters = [...text];
  return letters.length <= room ? text : `${letters.slice(0, room - 1).join("")}…`;
}
