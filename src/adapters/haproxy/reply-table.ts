import { SlipwayError } from "#core/errors.ts";

export type Row = ReadonlyMap<string, string>;

/** Columns are found by their names: each version of HAProxy adds some. */
export function readTable(reply: string, header: string, separator: string): readonly Row[] {
  const lines = reply.split("\n");
  const start = lines.findIndex((line) => line.startsWith(header));
  if (start < 0) throw unreadable(`no table "${header.trim()}"`, reply);
  const names = (lines[start] ?? "").slice(2).split(separator);
  const end = lines.indexOf("", start);
  return lines.slice(start + 1, end < 0 ? undefined : end).map((line) => {
    const cells = separator === "," ? readCsvLine(line) : line.split(separator);
    return new Map(names.map((name, at) => [name, cells[at] ?? ""]));
  });
}

/** Cells may be quoted, with quotes doubled: the text of a health answer is one of them. */
function readCsvLine(line: string): readonly string[] {
  return [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell = ""]) =>
    cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
  );
}

export const text = (row: Row, column: string): string => row.get(column) ?? "";
export const count = (row: Row, column: string): number => Number(row.get(column) || 0);

export function unreadable(what: string, reply: string): SlipwayError {
  return new SlipwayError("balancer.unreachable", `HAProxy's answer could not be read: ${what}.`, {
    lastLines: reply.slice(0, 500),
    advice: "Check that the socket is HAProxy's runtime socket, with `level admin`.",
  });
}
