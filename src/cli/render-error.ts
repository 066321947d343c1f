import type { ErrorShape } from "#contract/shapes.ts";
import type { Paint } from "./paint.ts";
import { printableLine, printableText } from "./printable.ts";

/** An error for a person: what happened, where, the world's last lines, and what to do next. */
export const renderError = (error: ErrorShape, paint: Paint): string[] => [
  ...printableText(error.message)
    .trimEnd()
    .split("\n")
    .map((line) => paint(line, "red")),
  ...named("host", error.host),
  ...named("command", error.command),
  ...named("exit", error.exit),
  ...lastLines(error.lastLines),
  paint(printableLine(error.advice), "bold"),
];

const named = (name: string, value: string | undefined): string[] =>
  value === undefined ? [] : [`  ${name}: ${printableLine(value)}`];

const lastLines = (text: string | undefined): string[] =>
  text
    ? [
        "  last lines:",
        ...printableText(text)
          .trimEnd()
          .split("\n")
          .map((line) => `  | ${line}`),
      ]
    : [];
