import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { endMarked, markerName } from "./leftovers.ts";

/** Between "please end" and the end. */
const endGraceMs = 2_000;
const lookAgainMs = 20;
/** A pipe that an escaped process still holds is not waited for longer than this. */
const drainOutputMs = 500;
const tailBytes = 16 * 1024;

export type ProcessWish = {
  /** Program and arguments; never a shell's line. */
  readonly argv: readonly [string, ...string[]];
  /** The whole environment: nothing is added from this process's own but a marker. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: string;
  readonly timeoutMs?: number;
  /** What comes after so many bytes is dropped; the process goes on. */
  readonly outputLimitBytes?: number;
  /** Both streams as they come. */
  readonly onOutput?: (text: string) => void;
  readonly signal: AbortSignal;
};

/** How a process ended, as a value: the caller decides what is a failure. */
export type ProcessEnd = {
  readonly exitCode?: number;
  readonly signal?: string;
  readonly timedOut: boolean;
  readonly outputCut: boolean;
  /** At most `outputLimitBytes`. */
  readonly stdout: string;
  /** The end of it, at most 16 KiB. */
  readonly stderr: string;
  /** The end of both streams as they were mixed, at most 16 KiB. */
  readonly tail: string;
};

const defaultOutputLimitBytes = 10 * 1024 * 1024;

/**
 * Runs a child in a process group of its own. When it resolves nothing of it is left: not its children either, also
 * when they left the group. Aborting ends the group and rejects with the signal's reason; a program that cannot be
 * started rejects with Node's error.
 */
export async function runProcess(wish: ProcessWish): Promise<ProcessEnd> {
  wish.signal.throwIfAborted();
  const mark = randomUUID();
  const [program, ...args] = wish.argv;
  const child = spawn(program, args, {
    env: { ...wish.env, [markerName]: mark },
    cwd: wish.cwd,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const output = collect(child, wish);
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  feed(child, wish.stdin ?? "");
  let timedOut = false;
  const end = () => endGroup(child);
  const runOut = () => {
    timedOut = true;
    end();
  };
  const timer = wish.timeoutMs === undefined ? undefined : setTimeout(runOut, wish.timeoutMs);
  wish.signal.addEventListener("abort", end, { once: true });
  try {
    const { code, signal } = await exited;
    await endLeftovers(child, mark);
    await Promise.race([closed, later(drainOutputMs)]);
    wish.signal.throwIfAborted();
    return {
      timedOut,
      ...output(),
      ...(code === null ? {} : { exitCode: code }),
      ...(signal === null ? {} : { signal }),
    };
  } finally {
    clearTimeout(timer);
    wish.signal.removeEventListener("abort", end);
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

function feed({ stdin }: ChildProcess, text: string): void {
  stdin?.on("error", () => {
    // The child may end without reading its input; how it ended says the rest.
  });
  stdin?.end(text);
}

function collect(child: ChildProcess, { onOutput, outputLimitBytes = defaultOutputLimitBytes }: ProcessWish) {
  let [stdout, stderr, tail, seenBytes, outputCut] = ["", "", "", 0, false];
  const take = (text: string): string => {
    const room = outputLimitBytes - seenBytes;
    seenBytes += Buffer.byteLength(text);
    tail = (tail + text).slice(-tailBytes);
    if (room <= 0) return "";
    const isLast = seenBytes >= outputLimitBytes;
    const kept = isLast ? text.slice(0, room) : text;
    onOutput?.(kept);
    if (isLast && !outputCut)
      onOutput?.(`\n[more than ${Math.round(outputLimitBytes / 1024 / 1024)} MiB of output; the rest is not kept]\n`);
    outputCut ||= isLast;
    return kept;
  };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += take(text);
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-tailBytes);
    take(text);
  });
  return () => ({ stdout, stderr, tail, outputCut });
}

/** SIGTERM to the group, then SIGKILL. */
function endGroup(child: ChildProcess): void {
  signalGroup(child, "SIGTERM");
  setTimeout(() => signalGroup(child, "SIGKILL"), endGraceMs).unref();
}

/** False when nobody of the group is left. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  try {
    if (pid) process.kill(-pid, signal);
    return pid !== undefined;
  } catch {
    return false; // ESRCH: the group has gone
  }
}

async function endLeftovers(child: ChildProcess, mark: string): Promise<void> {
  const killAt = Date.now() + endGraceMs;
  if (signalGroup(child, "SIGTERM")) {
    while (signalGroup(child, 0)) {
      if (Date.now() > killAt) signalGroup(child, "SIGKILL");
      await later(lookAgainMs);
    }
  }
  await endMarked(mark);
}

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
