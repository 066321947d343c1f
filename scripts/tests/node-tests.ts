import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tally } from "./tally-reporter.ts";

export type TestRun = {
  readonly ok: boolean;
  /** Undefined where Node's runner did not come to its end. */
  readonly tally: Tally | undefined;
  /** Empty where it was shown live. */
  readonly output: string;
};

export type TestWish = {
  readonly files: readonly string[];
  /** Files that run at once; 1 where they share an engine or the machine's network. */
  readonly concurrency: number;
  readonly timeoutMs: number;
  /** Straight to the terminal, else it is kept for the one who asks. */
  readonly live: boolean;
  /** More arguments for Node's runner, e.g. `--test-name-pattern=drain`. */
  readonly options?: readonly string[];
  readonly signal?: AbortSignal;
};

// A file whose tests are over but that does not end would hold up the run for ever.
const runDeadlineMs = 45 * 60_000;

/** Runs these files with Node's own runner. */
export const runNodeTests = async (wish: TestWish): Promise<TestRun> => {
  if (wish.files.length === 0) return { ok: true, tally: noTests, output: "" };
  const directory = await mkdtemp(join(tmpdir(), "slipway-tally-"));
  const tallyFile = join(directory, "tally.json");
  try {
    const { exitCode, output } = await runRunner(wish, tallyFile);
    const text = await readFile(tallyFile, "utf8").catch(() => "");
    return { ok: exitCode === 0, tally: text ? (JSON.parse(text) as Tally) : undefined, output };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

const noTests: Tally = { tests: 0, passed: 0, failed: 0, cancelled: 0, skipped: 0, skippedNames: [] };

const runRunner = (wish: TestWish, tallyFile: string): Promise<{ exitCode: number | null; output: string }> => {
  const args = [
    "--test",
    `--test-concurrency=${wish.concurrency}`,
    `--test-timeout=${wish.timeoutMs}`,
    "--test-reporter=spec",
    "--test-reporter-destination=stdout",
    `--test-reporter=${join(import.meta.dirname, "tally-reporter.ts")}`,
    `--test-reporter-destination=${tallyFile}`,
    ...(wish.options ?? []),
    ...wish.files,
  ];
  // Set where we were started by a test ourselves; Node's runner would then print for machines and skip files.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      env,
      stdio: wish.live ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
      timeout: runDeadlineMs,
      ...(wish.signal ? { signal: wish.signal } : {}),
    });
    const chunks: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
    // An aborted signal comes here too; the end of the process is still awaited.
    child.once("error", (error) => chunks.push(Buffer.from(`${error.message}\n`)));
    child.once("close", (exitCode) => resolve({ exitCode, output: Buffer.concat(chunks).toString() }));
  });
};

/** The part of the runner's output that says what failed; all of it where there is no such part. */
export const failuresIn = (output: string): string => {
  const start = output.lastIndexOf("failing tests:");
  return start < 0 ? output : output.slice(output.lastIndexOf("\n", start) + 1);
};

export const sumOf = (tallies: readonly (Tally | undefined)[]): Tally =>
  tallies.reduce<Tally>((sum, tally) => {
    if (!tally) return sum;
    return {
      tests: sum.tests + tally.tests,
      passed: sum.passed + tally.passed,
      failed: sum.failed + tally.failed,
      cancelled: sum.cancelled + tally.cancelled,
      skipped: sum.skipped + tally.skipped,
      skippedNames: [...sum.skippedNames, ...tally.skippedNames],
    };
  }, noTests);
