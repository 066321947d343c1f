import type { Client } from "./client.ts";
import type { Paint } from "./paint.ts";
import type { Terminal } from "./terminal.ts";

/** What every command works with. Commands resolve with an exit code and reject with a CliError. */
export type Context = {
  readonly terminal: Terminal;
  readonly paint: Paint;
  /** Print one JSON document instead of text. */
  readonly json: boolean;
  /** Made at its first use: commands that need no server need no address either. */
  readonly client: () => Promise<Client>;
};

/** Prints the text lines, or with `--json` the document. */
export const print = ({ terminal, json }: Context, document: unknown, lines: () => readonly string[]): void => {
  terminal.write(json ? `${JSON.stringify(document, null, 2)}\n` : `${lines().join("\n")}\n`);
};

/** One line of JSON, for what is followed. */
export const printJsonLine = ({ terminal }: Context, document: unknown): void => {
  terminal.write(`${JSON.stringify(document)}\n`);
};
