import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { isAlive, ownerLine } from "./owner.ts";

const onLinux = { skip: process.platform !== "linux" && "there is no /proc" };

test("a living owner is alive, and no longer when it has ended", onLinux, async () => {
  const child = spawn("sleep", ["30"]);
  const line = await ownerLine(child.pid ?? 0);
  assert.equal(await isAlive(line), true);
  child.kill("SIGKILL");
  await once(child, "close");
  assert.equal(await isAlive(line), false);
});

test("a process that got a dead owner's id is not the owner", onLinux, async () => {
  assert.equal(await isAlive(`${process.pid} 1`), false);
});

test("an unfinished line names nobody", async () => {
  assert.equal(await isAlive(""), false);
});
