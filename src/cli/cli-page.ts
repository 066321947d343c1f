import type { Command } from "commander";
import { makeProgram } from "./program.ts";

const width = 100;

/** `docs/reference/cli.md`: the help of every command, as commander prints it. */
export const cliPage = (): string => {
  let text = "";
  const write = (part: string): void => {
    text += part;
  };
  const output = { write, warn: () => {} };
  const program = makeProgram(async () => {}, output, "0.0.0");
  const helpOf = (command: Command): string => {
    text = "";
    command.configureHelp({ helpWidth: width }).outputHelp();
    return ["```text", text.trim(), "```", ""].join("\n");
  };
  const commands = program.commands.flatMap((command) => [
    `## slipway ${command.name()}\n\n${helpOf(command)}`,
    ...command.commands.map((each) => `## slipway ${command.name()} ${each.name()}\n\n${helpOf(each)}`),
  ]);
  return [intro, helpOf(program), ...commands].join("\n");
};

const intro = `<!-- Written by scripts/write-cli-page.ts; change src/cli/command-table.ts instead. -->
# The command line

Every command but \`server\`, \`validate\`, \`rehearse\` and \`receipt verify\` asks a running server over its [HTTP API](http-api.md).

| setting | flag | environment | default |
|---|---|---|---|
| the server's address | \`--server\` | \`SLIPWAY_SERVER\` | \`http://127.0.0.1:7420\` |
| the token | - | \`SLIPWAY_TOKEN\` | read from the token file |
| the token file | \`--token-file\` | \`SLIPWAY_TOKEN_FILE\` | \`token\` in the data directory |
| the data directory | \`--data\` | \`SLIPWAY_DATA\` | \`/var/lib/slipway\` for root; else \`$XDG_STATE_HOME/slipway\`, else \`~/.local/state/slipway\` |

A server on another machine gets only a token that you named: this machine's own token file is not sent to it.

\`--json\` prints one JSON document, also for an error: \`{ "error": { "code", "message", "advice" } }\`. \`logs\` and
\`status --watch\` print a document a line. Colours need a terminal, and \`NO_COLOR\` unset; with \`CI\` set, or without a
terminal, progress is plain lines. Times are UTC.
`;
