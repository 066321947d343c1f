import { runChecks } from "./checks/run-checks.ts";
import { runNodeTests, sumOf, type TestRun } from "./tests/node-tests.ts";
import type { Tally } from "./tests/tally-reporter.ts";
import { askedFor, fastPatterns, realPatterns, root, simulatedPatterns, testFiles } from "./tests/test-files.ts";
import { openTestGround } from "./tests/test-ground.ts";

const simulatedTimeoutMs = 300_000;
const realTimeoutMs = 300_000;

/** `npm test`: every test. `npm test -- words`: the test files whose path holds one of the words, and nothing else. */
const main = async (args: readonly string[], signal: AbortSignal): Promise<number> => {
  const { words, options } = askedFor(args);
  const isAll = words.length === 0;
  const files = {
    fast: isAll ? [] : await testFiles(fastPatterns, words),
    simulated: await testFiles(simulatedPatterns, words),
    real: await testFiles(realPatterns, words),
  };
  if (!isAll && Object.values(files).every(({ length }) => length === 0)) {
    console.error(`No test file's path holds ${words.join(" or ")}.`);
    return 2;
  }
  // Before all else: where a program is missing, that is said now and not after minutes of tests.
  const page = files.real.some((file) => file.startsWith("test/e2e/"));
  const ground = files.real.length > 0 ? await openTestGround({ page }) : undefined;
  const results: Result[] = [];
  let left: string[] = [];
  try {
    if (isAll) results.push(await runChecks());
    const quick = { concurrency: 2, timeoutMs: simulatedTimeoutMs, live: true, options, signal };
    const wishes = [
      { ...quick, files: files.fast },
      { ...quick, files: files.simulated },
      { ...quick, files: files.real, concurrency: 1, timeoutMs: realTimeoutMs },
    ];
    for (const wish of wishes) if (!signal.aborted && wish.files.length > 0) results.push(await runNodeTests(wish));
  } finally {
    left = (await ground?.close()) ?? [];
  }
  return conclude(results, left, signal.aborted);
};

type Result = Pick<TestRun, "ok" | "tally">;

const conclude = (results: readonly Result[], left: readonly string[], wasStopped: boolean): number => {
  const all: Tally = sumOf(results.map(({ tally }) => tally));
  console.log("\nall together");
  for (const key of ["tests", "passed", "failed", "cancelled", "skipped"] as const) console.log(`  ${key} ${all[key]}`);
  for (const name of all.skippedNames) console.log(`  skipped: ${name}`);
  for (const line of left) console.log(`  left behind: ${line}`);
  if (wasStopped) console.log("  stopped before the end");
  // On a machine that can run everything a skipped test is a test that does not test.
  const mustNotSkip = process.platform === "linux" && process.getuid?.() === 0;
  const isSkipping = mustNotSkip && all.skipped > 0;
  const isGood = results.every(({ ok }) => ok) && left.length === 0 && !isSkipping && !wasStopped;
  console.log(isGood ? "  ok" : "  FAILED");
  return isGood ? 0 : 1;
};

process.chdir(root);
process.env.SLIPWAY_TEST = "1";
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => stop.abort());
try {
  process.exitCode = await main(process.argv.slice(2), stop.signal);
} catch (error) {
  // What the set-up refuses is written for the person: no stack.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
