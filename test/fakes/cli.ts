import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { fakeToken } from "./api.ts";

const bin = fileURLToPath(new URL("../../bin/slipway", import.meta.url));
const limitMs = 20_000;

export type CliRun = {
  readonly pid: number | undefined;
  /** Resolves once standard output matches; rejects when the command ends before. */
  readonly until: (pattern: RegExp) => Promise<void>;
  readonly interrupt: () => void;
  readonly end: Promise<{ exitCode: number | null; stdout: string; stderr: string }>;
};

/** Starts the real command line with nothing of this machine's own settings. */
export const startCli = (args: readonly string[], env: Record<string, string> = {}, cwd?: string): CliRun => {
  const child = spawn(bin, args, {
    cwd,
    env: { PATH: process.env.PATH ?? "", HOME: "/nonexistent", SLIPWAY_TOKEN: fakeToken, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: limitMs,
    killSignal: "SIGKILL",
  });
  const out = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    out.stderr += text;
  });
  const end = new Promise<{ exitCode: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    child.on("error", reject).on("close", (exitCode) => resolve({ exitCode, ...out }));
  });
  const until = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => pattern.test(out.stdout) && resolve();
      child.stdout.on("data", look);
      child.on("close", () => reject(new Error(`ended without ${pattern}: ${out.stdout}${out.stderr}`)));
      look();
    });
  return { pid: child.pid, until, interrupt: () => child.kill("SIGINT"), end };
};

export const runCli = (args: readonly string[], env?: Record<string, string>, cwd?: string) =>
  startCli(args, env, cwd).end;
