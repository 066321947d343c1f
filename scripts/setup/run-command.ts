import { spawn } from "node:child_process";

export type CommandResult = {
  /** Undefined when it ended by a signal or could not be started. */
  readonly exitCode: number | undefined;
  /** Both streams in the order they came; the last 1 MiB. */
  readonly output: string;
};

const outputLimitBytes = 1024 * 1024;

type How = { readonly deadlineMs: number; readonly env?: Record<string, string>; readonly cwd?: string };

/** Runs a program to its end, or kills it at its deadline. Never rejects: a missing program is a result too. */
export const runCommand = (command: readonly string[], how: How): Promise<CommandResult> => {
  const [program = "", ...args] = command;
  const chunks: Buffer[] = [];
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      ...(how.cwd ? { cwd: how.cwd } : {}),
      env: { ...process.env, ...how.env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: how.deadlineMs,
      killSignal: "SIGKILL",
    });
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.once("error", (error) => resolve({ exitCode: undefined, output: error.message }));
    child.once("close", (exitCode) => {
      const output = Buffer.concat(chunks).subarray(-outputLimitBytes).toString();
      resolve({ exitCode: exitCode ?? undefined, output });
    });
  });
};

/** Like `runCommand`, but anything but exit code 0 is an error with the command and its last lines. */
export const mustRun = async (command: readonly string[], how: How): Promise<string> => {
  const { exitCode, output } = await runCommand(command, how);
  if (exitCode === 0) return output;
  const ending = exitCode === undefined ? "did not run to its end" : `ended with ${exitCode}`;
  throw new Error(`\`${command.join(" ")}\` ${ending}:\n${lastLines(output, 20)}`);
};

export const lastLines = (text: string, count: number): string => text.trimEnd().split("\n").slice(-count).join("\n");
