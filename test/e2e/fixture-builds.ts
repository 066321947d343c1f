import type { BuildShape } from "#contract/shapes.ts";
import { ago, build, commitOf, hostileText } from "./fixture-values.ts";

const failingTests = [
  {
    name: "greets in Dutch › with a name",
    message:
      "Expected values to be strictly equal:\n\n'Hallo, undefined' !== 'Hallo, Ana'\n    at test/greet.test.js:31:10",
  },
  { name: `escapes ${hostileText}`, message: `\u001b[31mexpected\u001b[0m ${hostileText}` },
];

export const failedBuild = build(9, {
  commit: { ...commitOf(9), subject: "Greet Ana <script>document.title='owned'</script>", branch: "feature/greet" },
  state: "failed",
  steps: [
    { name: "dependencies", state: "succeeded", startedAt: ago(640), endedAt: ago(628), exitCode: 0 },
    {
      name: "unit tests",
      state: "failed",
      startedAt: ago(628),
      endedAt: ago(621.7),
      exitCode: 1,
      tests: { passed: 212, failed: 2, skipped: 3, failures: failingTests },
    },
    { name: "bundle", state: "waiting" },
    { name: "image", state: "waiting" },
  ],
  error: {
    code: "build.step-failed",
    message: 'The step "unit tests" ended with exit code 1. 2 of 214 tests failed: greets in Dutch › with a name.',
    advice: "Run the step in a clean checkout of this commit; its whole log is below.",
    command: "npm test",
    exit: "1",
    lastLines: "✖ greets in Dutch › with a name (2.31ms)\nℹ tests 217\nℹ pass 212\nℹ fail 2",
  },
  remarks: [],
  createdAt: ago(643),
  startedAt: ago(640),
  endedAt: ago(621),
});
delete (failedBuild as Partial<BuildShape>).image;
delete (failedBuild as Partial<BuildShape>).release;

export const runningBuild = build(10, {
  commit: { ...commitOf(10), subject: "Measure how long a greeting takes" },
  state: "running",
  steps: [
    { name: "dependencies", state: "succeeded", startedAt: ago(14), endedAt: ago(6.4), exitCode: 0 },
    { name: "unit tests", state: "running", startedAt: ago(6.4) },
    { name: "bundle", state: "waiting" },
    { name: "image", state: "waiting" },
  ],
  remarks: [],
  createdAt: ago(15),
  startedAt: ago(14),
});
delete (runningBuild as Partial<BuildShape>).image;
delete (runningBuild as Partial<BuildShape>).release;
delete (runningBuild as Partial<BuildShape>).endedAt;

export const failedLog = [
  "== check out f1e2d3 of hello\n\n== dependencies\nadded 1 package\radded 120 packages\radded 214 packages in 7 s\n\n== unit tests\n",
  ...Array.from(
    { length: 210 },
    (_, index) => `\u001b[32m✔\u001b[39m greets visitor ${index + 1} \u001b[2m(0.4ms)\u001b[22m\n`,
  ),
  "\u001b[31m✖ greets in Dutch › with a name\u001b[39m (2.31ms)\n  \u001b[1mAssertionError\u001b[22m: 'Hallo, undefined' !== 'Hallo, Ana'\n",
  `log of ${hostileText} ends here\n`,
].join("");
