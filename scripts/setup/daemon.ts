import type { ChildProcess } from "node:child_process";
import { waitUntil } from "./wait-until.ts";

export type Daemon = {
  readonly pid: number;
  /** Resolves when the process has ended, by whomever. */
  readonly ended: Promise<void>;
  /** The process has gone when it resolves. Safe to call twice. */
  stop(): Promise<void>;
};

type How = { readonly name: string; readonly isReady: () => Promise<boolean | undefined>; readonly deadlineMs: number };

const stopDeadlineMs = 20_000;
const wordsKept = 4_000;

/** Waits until it is ready; when it ends or takes too long, the error has its last words. */
export const daemonOf = async (child: ChildProcess, { name, isReady, deadlineMs }: How): Promise<Daemon> => {
  let words = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    words = (words + text).slice(-wordsKept);
  });
  let ended: string | undefined;
  const gone = new Promise<void>((resolve) => {
    const end = (how: string) => {
      ended = how;
      resolve();
    };
    child.once("error", (error) => end(error.message));
    child.once("exit", (code, signal) => end(`it ended with ${signal ?? code}`));
  });
  const stop = async () => {
    if (ended !== undefined) return;
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), stopDeadlineMs);
    await gone;
    clearTimeout(timer);
  };
  try {
    const look = async () => {
      if (ended !== undefined) throw new Error(`${name} did not start: ${ended}\n${words}`);
      return isReady();
    };
    await waitUntil(look, deadlineMs, () => `${name} was not ready within ${deadlineMs / 1000} s\n${words}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: child.pid ?? 0, ended: gone, stop };
};
