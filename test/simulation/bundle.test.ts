import assert from "node:assert/strict";
import { test } from "node:test";
import { exitingProgram } from "#simulator/program.ts";
import { bundleId } from "#workflows/keep-bundle.ts";
import { Simulation } from "./simulation.ts";

test("the bundle of a failed host holds the program's own last words, and what is different there", async () => {
  const simulation = new Simulation({ program: exitingProgram });
  const { id, state } = await simulation.run();
  assert.equal(state, "failed");
  const kept = await simulation.records.logs.read(bundleId(id, "web-1"), 0, 10);
  const text = kept.map((chunk) => chunk.text).join("");
  assert.match(text, /# Failure\n\nrollout 2, hello r2 .* on web-1\ncontainer\.exited: /);
  assert.match(text, /# The program's last lines\n\nError: the simulated program says why\n/);
  assert.match(text, /# Difference to a healthy host\n\nrelease: r2 here, r1 on web-2\n/);
  assert.deepEqual(await simulation.records.logs.read(bundleId(id, "web-2"), 0, 10), []);
});
