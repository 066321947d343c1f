import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { endMarked, markerName } from "./leftovers.ts";

/** Between "please end" and the end. */
const endGraceMs = 2_000;
const lookAgainMs = 20;
/** A killed group is gone soon; where nobody collects the dead (a container without an init) their group never is. */
const groupGoneMs = 4_000;
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
  let killing: NodeJS.Timeout | undefined;
  const end = () => {
    killing ??= endGroup(child);
  };
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
    // Its number may be somebody else's by then.
    clearTimeout(killing);
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
    tail = (tail + text).slice(-tailBytes);
    if (outputCut) return "";
    const room = outputLimitBytes - seenBytes;
    seenBytes += Buffer.byteLength(text);
    outputCut = seenBytes > outputLimitBytes;
    if (!outputCut) {
      onOutput?.(text);
      return text;
    }
    const kept = Buffer.from(text).subarray(0, room).toString("utf8");
    onOutput?.(`${kept}\n[more than ${sizeText(outputLimitBytes)} of output; the rest is not kept]\n`);
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

const sizeText = (bytes: number): string =>
  bytes < 1024 * 1024 ? `${bytes} bytes` : `${Math.round(bytes / 1024 / 1024)} MiB`;

/** SIGTERM to the group, then SIGKILL. */
function endGroup(child: ChildProcess): NodeJS.Timeout {
  signalGroup(child, "SIGTERM");
  return setTimeout(() => signalGroup(child, "SIGKILL"), endGraceMs);
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
  const began = Date.now();
  if (signalGroup(child, "SIGTERM")) {
    while (signalGroup(child, 0) && Date.now() < began + groupGoneMs) {
      if (Date.now() > began + endGraceMs) signalGroup(child, "SIGKILL");
      await later(lookAgainMs);
    }
  }
  await endMarked(mark);
}

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
