import { join } from "node:path";
import { runCommand } from "../setup/run-command.ts";
import { failuresIn, runNodeTests } from "../tests/node-tests.ts";
import type { Tally } from "../tests/tally-reporter.ts";
import { fastPatterns, root, testFiles } from "../tests/test-files.ts";

type Outcome = { readonly ok: boolean; readonly output: string; readonly tally?: Tally | undefined };
type Part = { readonly name: string; readonly run: () => Promise<Outcome> };

export type CheckResult = { readonly ok: boolean; readonly tally: Tally | undefined };

const toolDeadlineMs = 180_000;
const testTimeoutMs = 30_000;

/**
 * Types, lint and the tests that need nothing but Node, side by side. Prints a line for each part as it ends and, where
 * it failed, what it said.
 */
export const runChecks = async (print: (text: string) => void = console.log): Promise<CheckResult> => {
  const outcomes = await Promise.all(parts.map((part) => timed(part, print)));
  return { ok: outcomes.every(({ ok }) => ok), tally: outcomes.find(({ tally }) => tally)?.tally };
};

const tool = (script: string, ...args: string[]): Promise<Outcome> =>
  runCommand([process.execPath, join(root, "node_modules", script), ...args], {
    deadlineMs: toolDeadlineMs,
    cwd: root,
  }).then(({ exitCode, output }) => ({ ok: exitCode === 0, output }));

const tests = async (): Promise<Outcome> => {
  const files = await testFiles(fastPatterns);
  const run = await runNodeTests({ files, concurrency: 2, timeoutMs: testTimeoutMs, live: false });
  return { ...run, output: failuresIn(run.output) };
};

const parts: readonly Part[] = [
  { name: "types", run: () => tool("typescript/bin/tsc", "-p", root) },
  { name: "lint", run: () => tool("@biomejs/biome/bin/biome", "ci", "--colors=off") },
  { name: "tests", run: tests },
];

const timed = async (part: Part, print: (text: string) => void): Promise<Outcome> => {
  const start = performance.now();
  const outcome = await part.run();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const count = outcome.tally ? `, ${outcome.tally.passed} of ${outcome.tally.tests} passed` : "";
  print(`${part.name.padEnd(6)} ${outcome.ok ? "ok    " : "FAILED"} ${seconds.padStart(5)} s${count}`);
  if (!outcome.ok) print(outcome.output.trimEnd());
  return outcome;
};
