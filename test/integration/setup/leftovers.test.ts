import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { leftovers, lookBefore } from "../../../scripts/tests/leftovers.ts";

test("a process that outlives its test run is named and ended, however it was started", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "slipway-left-"));
  t.after(() => rm(directory, { recursive: true }));
  const marks = { variable: `SLIPWAY_TEST_RUN=${directory}`, directory };
  const before = await lookBefore(marks);
  const detached = { detached: true, stdio: "ignore" } as const;
  const children = [
    spawn("sleep", ["301"], { ...detached, env: { ...process.env, SLIPWAY_TEST_RUN: directory } }),
    spawn("sleep", ["302"], { ...detached, env: {}, cwd: directory }),
    spawn("tail", ["-F", join(directory, "log")], { ...detached, env: {} }),
  ];
  const ends = children.map((child) => once(child, "close"));
  const left = await leftovers(marks, before, 100);
  assert.deepEqual(left.map((line) => line.replace(/\d+: (\/usr\/bin\/)?/, "")).sort(), [
    "process sleep 301",
    "process sleep 302",
    `process tail -F ${directory}/log`,
  ]);
  await Promise.all(ends);
  assert.deepEqual(await leftovers(marks, before, 100), []);
});
