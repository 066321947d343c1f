import { readFileSync } from "node:fs";
import { CommanderError } from "commander";
import { CliError, exitCodes, refused } from "./cli-error.ts";
import { makeClient } from "./client.ts";
import type { CommandEntry } from "./command-table.ts";
import { type ConnectionOptions, connectionOf } from "./connection.ts";
import type { Context } from "./context.ts";
import { makePaint } from "./paint.ts";
import { makeProgram, type Options } from "./program.ts";
import { renderError } from "./render-error.ts";
import { processTerminal, type Terminal } from "./terminal.ts";

/**
 * Runs the command line and resolves with the exit code: 0 done, 1 the world failed, 2 refused or used wrongly. `argv`
 * is what follows the program's name. `slipway server` is not run here: `bin/slipway` hands it to the server itself.
 */
export const main = async (argv: readonly string[], terminal: Terminal = processTerminal()): Promise<number> => {
  let exitCode: number = exitCodes.done;
  const act = async (entry: CommandEntry, args: readonly (string | undefined)[], options: Options): Promise<void> => {
    exitCode = await runCommand(entry, args, options, terminal);
  };
  try {
    await makeProgram(act, terminal, version()).parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.refused;
    terminal.warn(
      `slipway itself made a mistake; please report this:\n${error instanceof Error ? error.stack : error}\n`,
    );
    return exitCodes.failed;
  }
};

const runCommand = async (
  entry: CommandEntry,
  args: readonly (string | undefined)[],
  options: Options,
  terminal: Terminal,
): Promise<number> => {
  const context = contextOf(terminal, options);
  try {
    if (entry.run === undefined) throw refused("The server is started by bin/slipway.", "Run `bin/slipway server`.");
    return await entry.run(context, args, options);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    if (context.json) terminal.write(`${JSON.stringify({ error: error.error }, null, 2)}\n`);
    terminal.warn(`${renderError(error.error, makePaint(terminal.colour)).join("\n")}\n`);
    return error.exitCode;
  }
};

const contextOf = (terminal: Terminal, options: Options): Context => ({
  terminal,
  paint: makePaint(terminal.colour),
  json: options.json === true,
  client: async () => makeClient(await connectionOf(options as ConnectionOptions, terminal), terminal.interrupted),
});

const version = (): string => {
  const own: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return own !== null && typeof own === "object" && "version" in own ? String(own.version) : "unknown";
};
