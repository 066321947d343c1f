/** Running programs inside a node, in all of its namespaces. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { constants } from "node:os";
import { dirname } from "node:path";
import { childOf } from "./proc.ts";

export interface ExecOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: string;
  /** Two minutes unless said. */
  readonly limitMs?: number;
}

export interface ExecResult {
  /** As a shell tells it: 128 + the signal's number when a signal ended the program. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const execLimitMs = 120_000;

/** This process's own Node first, nothing else of its environment: it may hold secrets, proxies and other people's paths. */
export const nodeEnv = {
  PATH: `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
  HOME: "/root",
  LANG: "C.UTF-8",
  TERM: "dumb",
} as const;

export function enterCommand(pid: number, argv: readonly string[], cwd = "/"): readonly [string, ...string[]] {
  const namespaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--root", `--wdns=${cwd}`];
  return ["nsenter", "--target", `${pid}`, ...namespaces, "--", ...argv];
}

/**
 * Starts a program in the node whose process 1 is given. The child's `kill` reaches the program itself; the child ends
 * as the program does. The program dies with the node.
 */
export function spawnInside(
  pid: number,
  argv: readonly string[],
  options: Pick<SpawnOptions, "env" | "cwd" | "stdio">,
): ChildProcess {
  const [file, ...args] = enterCommand(pid, argv, options.cwd?.toString());
  const child = spawn(file, args, { stdio: options.stdio ?? "pipe", env: { ...nodeEnv, ...options.env } });
  const killEntrance = child.kill.bind(child);
  // A pid namespace is entered by forking: a signal to nsenter would leave the program running.
  child.kill = (signal = "SIGTERM") => {
    const program = child.pid === undefined ? undefined : childOf(child.pid);
    return program === undefined ? killEntrance(signal) : sendSignal(program, signal);
  };
  return child;
}

function sendSignal(pid: number, signal: NodeJS.Signals | number): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    // It ended a moment ago; ChildProcess.kill says so with false.
    return false;
  }
}

/** Runs a program in the node to its end. Rejects only if it cannot be started or does not end in time. */
export function execInside(pid: number, argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
  const limitMs = options.limitMs ?? execLimitMs;
  const child = spawnInside(pid, argv, {
    ...(options.env ? { env: { ...options.env } as NodeJS.ProcessEnv } : {}),
    ...(options.cwd ? { cwd: options.cwd } : {}),
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name]?.setEncoding("utf8").on("data", (text: string) => (output[name] += text));
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(options.stdin ?? "");
  return new Promise((resolve, reject) => {
    const command = argv.join(" ");
    const timer = setTimeout(() => {
      reject(new Error(`${command} did not end within ${limitMs} ms`));
      child.kill("SIGKILL");
    }, limitMs);
    child.on("error", (cause) => {
      clearTimeout(timer);
      reject(new Error(`Could not start ${command}`, { cause }));
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ exitCode: code ?? 128 + constants.signals[signal ?? "SIGKILL"], ...output });
    });
  });
}
