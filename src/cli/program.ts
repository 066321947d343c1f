import { Command, Option } from "commander";
import { type CommandEntry, commandTable } from "./command-table.ts";
import { defaultServer } from "./connection.ts";

export type Options = Readonly<Record<string, unknown>>;
/** Runs one command with its arguments and options. */
export type Act = (entry: CommandEntry, args: readonly (string | undefined)[], options: Options) => Promise<void>;
export type Output = { readonly write: (text: string) => void; readonly warn: (text: string) => void };

/** The commands of the table in commander's terms. It throws CommanderErrors instead of ending the process. */
export const makeProgram = (act: Act, output: Output, version: string): Command => {
  const program = new Command("slipway")
    .description("Take a commit to live on your own servers, one batch at a time, without dropping a request.")
    .version(version)
    .helpCommand(false)
    .showSuggestionAfterError()
    .addHelpText("after", exitCodeText);
  prepare(program, output);
  // `receipt verify x --json`: an option after the second word is the second word's.
  program.enablePositionalOptions();
  for (const entry of commandTable) addCommand(program, entry, act, output);
  return program;
};

const exitCodeText =
  "\nExit codes: 0 done, 1 the world failed, 2 refused or used wrongly, 3 paused: waits for a person.";

const addCommand = (program: Command, entry: CommandEntry, act: Act, output: Output): void => {
  const words = entry.usage.split(" ");
  const args = words.filter((word) => /^[<[]/.test(word));
  const [name = "", under] = words.filter((word) => !args.includes(word)).toReversed();
  const parent = program.commands.find((each) => each.name() === under) ?? program;
  const command = parent.command(name).summary(entry.summary);
  command.description([`${sentence(entry.summary)}`, entry.description].filter(Boolean).join("\n"));
  prepare(command, output);
  for (const arg of args) command.argument(arg);
  for (const { flags, description, choices } of entry.options ?? []) {
    const option = new Option(flags, description);
    command.addOption(choices ? option.choices(choices) : option);
  }
  addSharedOptions(command, entry);
  command.addHelpText("after", `\nExamples:\n${entry.examples.map((example) => `  ${example}`).join("\n")}`);
  command.action((...given: unknown[]) => {
    const values = given.slice(0, args.length);
    const listed = values.find(Array.isArray);
    const plain = values.map((value) => (typeof value === "string" ? value : undefined));
    return act(entry, plain, { ...command.opts(), ...(listed ? { listed } : {}) });
  });
};

const addSharedOptions = (command: Command, entry: CommandEntry): void => {
  if (entry.run) command.option("--json", "print JSON instead of text");
  if (!entry.online) return;
  command
    .option("--server <url>", `the server's address (default: $SLIPWAY_SERVER or ${defaultServer})`)
    .option(
      "--token-file <file>",
      "where the token is (default: $SLIPWAY_TOKEN_FILE, or `token` in the data directory)",
    )
    .option("--data <directory>", "the server's data directory, for its token (default: $SLIPWAY_DATA)");
};

const prepare = (command: Command, { write, warn }: Output): void => {
  command.exitOverride().configureOutput({ writeOut: write, writeErr: warn });
};

const sentence = (summary: string): string => `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
