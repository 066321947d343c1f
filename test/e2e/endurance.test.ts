import assert from "node:assert/strict";
import { test } from "node:test";
import { report } from "../endurance/report.ts";
import { runEndurance } from "../endurance/run-endurance.ts";
import { verdictsOf } from "../endurance/verdicts.ts";

const asked = { rollouts: 3, rate: 200, websockets: 10 };

/** The short form of `npm run endurance`. */
test("rollouts in a row under traffic with websockets: nothing fails, is cut or stays behind", {
  timeout: 420_000,
}, async (t) => {
  const run = await runEndurance({ ...asked, say: (line) => t.diagnostic(line), signal: t.signal });
  const broken = verdictsOf(run).filter(({ isGood }) => !isGood);
  assert.deepEqual(broken, [], report(run));
});
