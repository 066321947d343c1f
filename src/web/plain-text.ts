import { AnsiReader } from "./ansi.ts";

/** A program's output without its colours, for places that are a few lines long. */
export function plainText(text: string): string {
  const reader = new AnsiReader();
  const lines = reader.feed(text);
  return [...lines, reader.unfinished]
    .map((line) => line.map((span) => span.text).join(""))
    .join("\n")
    .trimEnd();
}
