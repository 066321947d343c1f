import type { Colour, Paint } from "./paint.ts";

export type Cell = string | { readonly text: string; readonly colour: Colour | undefined };

/** Rows as aligned lines, two blanks between columns; widths are counted before painting. */
export const tableLines = (rows: readonly (readonly Cell[])[], paint: Paint): string[] => {
  const widths = columnWidths(rows);
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const last = column === row.length - 1;
        const padding = last ? 0 : (widths[column] ?? 0) - widthOf(textOf(cell));
        return paint(textOf(cell), typeof cell === "string" ? undefined : cell.colour) + " ".repeat(padding);
      })
      .join("  ")
      .trimEnd(),
  );
};

const columnWidths = (rows: readonly (readonly Cell[])[]): number[] => {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, widthOf(textOf(cell)));
    });
  }
  return widths;
};

export const textOf = (cell: Cell): string => (typeof cell === "string" ? cell : cell.text);

/** At most `width` characters, the last one `…` when something was cut. */
export const cut = (text: string, width: number): string => {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join("")}…`;
};

const widthOf = (text: string): number => [...text].length;
