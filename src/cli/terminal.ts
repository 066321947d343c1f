import { homedir, userInfo } from "node:os";
import { createInterface } from "node:readline/promises";

/** Where a command's output goes and what it may know of its surroundings. */
export type Terminal = {
  readonly write: (text: string) => void;
  /** To standard error. */
  readonly warn: (text: string) => void;
  /** Lines may be drawn in place. */
  readonly live: boolean;
  readonly colour: boolean;
  readonly width: number;
  readonly height: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly user: string;
  readonly isRoot: boolean;
  /**
   * Asks the person who sits there and resolves with the line they typed; with undefined when they leave (Ctrl-C,
   * Ctrl-D) or the signal ends the question. Absent where nobody sits there.
   */
  readonly ask?: (question: string, signal: AbortSignal) => Promise<string | undefined>;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
};

/** This process's own terminal. The second Ctrl-C ends the process in the ordinary way. */
export const processTerminal = (): Terminal => {
  const { stdout, stderr, env } = process;
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  // The reader of a pipe has gone (`slipway logs ... | head`): nobody is left to tell.
  stdout.on("error", () => process.exit(0));
  return {
    write: (text) => stdout.write(text),
    warn: (text) => stderr.write(text),
    live: stdout.isTTY === true && !env.CI && env.TERM !== "dumb",
    colour: stdout.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb",
    width: stdout.columns || 100,
    height: stdout.rows || 24,
    env,
    home: homedir(),
    user: userName(env),
    isRoot: process.getuid?.() === 0,
    interrupted: interrupt.signal,
    ...(process.stdin.isTTY && stdout.isTTY && !env.CI ? { ask } : {}),
  };
};

const ask = async (question: string, signal: AbortSignal): Promise<string | undefined> => {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const left = new AbortController();
  lines.on("SIGINT", () => left.abort()).on("close", () => left.abort());
  try {
    return await lines.question(question, { signal: AbortSignal.any([signal, left.signal]) });
  } catch (error) {
    if (signal.aborted || left.signal.aborted) return undefined;
    throw error;
  } finally {
    lines.close();
  }
};

const userName = (env: NodeJS.ProcessEnv): string => {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return env.USER || "unknown";
  }
};
