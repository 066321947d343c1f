import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fakeToken, startFakeApi } from "#test/fakes/api.ts";
import { startCli } from "#test/fakes/cli.ts";
import { fakeBuild, fakePause, fakeReceipt, now } from "#test/fakes/use-cases.ts";

const deploy = ["deploy", "hello", "integration"];

test("deploy follows the rollout line by line, prints the receipt and exits 0", async (t) => {
  const { world, url } = await startFakeApi(t);
  const run = startCli(deploy, { SLIPWAY_SERVER: url });
  await run.until(/Rollout 1: hello release 2 to integration/);
  world.changeRollout("rollout-1", {}, { host: "web-1", step: "drain", phase: "started" });
  await run.until(/web-1 drain started/);
  world.changeRollout("rollout-1", {}, { host: "web-1", step: "drain", phase: "succeeded" });
  world.changeRollout("rollout-1", { state: "succeeded", endedAt: now, receipt: fakeReceipt(1) });
  const { exitCode, stdout, stderr } = await run.end;
  assert.equal(exitCode, 0, stderr);
  assert.equal(stdout.match(/web-1 drain started/g)?.length, 1);
  assert.match(stdout, /web-1 drain succeeded/);
  assert.match(stdout, /Receipt of rollout 1.*prober +1200 requests, 0 failed, 0 cut off/s);
  const asked = world.asked.find(({ name }) => name === "deploy");
  assert.match(JSON.stringify(asked), /"key":"[0-9a-f-]{36}"/);
});

test("a change is shown when it happens, not at the next look", async (t) => {
  const { world, url } = await startFakeApi(t);
  const run = startCli(deploy, { SLIPWAY_SERVER: url });
  await run.until(/Rollout 1/);
  await sleep(500);
  const before = performance.now();
  world.changeRollout("rollout-1", {}, { host: "web-1" });
  await run.until(/web-1 drain started/);
  assert.ok(performance.now() - before < 2_000);
  run.interrupt();
  await run.end;
});

test("a rollout that fails exits 1 with the application's own last lines, cleaned, and the advice", async (t) => {
  const { world, url } = await startFakeApi(t);
  const run = startCli(deploy, { SLIPWAY_SERVER: url });
  await run.until(/Rollout 1/);
  const lastLines = "Error: no such table\u001b[2J\u001b]0;pwned\u0007";
  const error = {
    code: "check.unhealthy",
    message: "web-1 did not become healthy",
    advice: "Read it.",
    host: "web-1",
    lastLines,
  };
  world.changeRollout("rollout-1", { state: "failed", endedAt: now, error: { ...error, code: "check.unhealthy" } });
  const { exitCode, stdout } = await run.end;
  assert.equal(exitCode, 1);
  assert.match(stdout, /web-1 did not become healthy\n.*host: web-1\n.*\| Error: no such table\n.*Read it\./s);
  assert.ok(!stdout.includes("\u001b"));
});

test("a rollout that was refused or cancelled after it was asked for exits 2", async (t) => {
  const { world, url } = await startFakeApi(t);
  for (const [number, state] of [
    [1, "refused"],
    [2, "superseded"],
    [3, "cancelled"],
  ] as const) {
    const run = startCli(["rollback", "hello", "integration"], { SLIPWAY_SERVER: url });
    await run.until(new RegExp(`Rollback, rollout ${number}`));
    world.changeRollout(`rollout-${number}`, { state, endedAt: now });
    assert.equal((await run.end).exitCode, 2, state);
  }
});

const paused = { state: "paused", pause: fakePause() } as const;

test("a rollout that pauses says why, what there is to choose and the commands, and exits 3 where nobody sits", async (t) => {
  const { world, url } = await startFakeApi(t);
  const run = startCli(deploy, { SLIPWAY_SERVER: url });
  await run.until(/Rollout 1/);
  world.changeRollout("rollout-1", paused);
  const { exitCode, stdout } = await run.end;
  assert.equal(exitCode, 3);
  assert.match(stdout, /is paused: web-2 failed\n.*\| Error: no such table\n.*slipway steer 1 retry +try web-2 again/s);
  assert.ok(!world.asked.some(({ name }) => name === "steer"));
});

test("a choice is made for the pause that was seen, and its rollout followed to the end", async (t) => {
  const { world, url } = await startFakeApi(t);
  world.addRollout(7);
  world.changeRollout("rollout-7", paused, { host: "web-2", step: "check", phase: "failed" });
  const run = startCli(["steer", "7", "exclude", "--by", "ana"], { SLIPWAY_SERVER: url });
  await run.until(/ana chose exclude/);
  await run.until(/✓ steer succeeded/);
  world.changeRollout("rollout-7", { state: "succeeded", endedAt: now });
  const { exitCode, stdout, stderr } = await run.end;
  assert.equal(exitCode, 0, stderr);
  assert.doesNotMatch(stdout, /check failed/, "what was told before the pause is not told again");
  assert.match(JSON.stringify(world.asked.find(({ name }) => name === "steer")), /"exclude","pause":1,"by":"ana"/);
  const wrong = await startCli(["steer", "7", "forwards"], { SLIPWAY_SERVER: url }).end;
  assert.equal(wrong.exitCode, 2);
  assert.match(wrong.stderr, /"forwards" is no choice\.\nChoose one of: retry, /);
  assert.equal((await startCli(["steer", "7", "retry"], { SLIPWAY_SERVER: url }).end).exitCode, 2);
});

test("the log of a rollout goes on through a pause", async (t) => {
  const { world, url } = await startFakeApi(t);
  world.addRollout(7, paused);
  const run = startCli(["logs", "rollout/7"], { SLIPWAY_SERVER: url });
  await run.until(/slipway steer 7 abort/);
  world.resume("rollout-7", "ben chose retry");
  await run.until(/ben chose retry/);
  world.changeRollout("rollout-7", { state: "succeeded", endedAt: now });
  world.write("rollout-7", "", true);
  assert.equal((await run.end).exitCode, 0);
});

test("Ctrl-C stops following only, and says so", async (t) => {
  const { world, url } = await startFakeApi(t);
  const run = startCli(deploy, { SLIPWAY_SERVER: url });
  await run.until(/Rollout 1/);
  world.changeRollout("rollout-1", {}, { host: "web-1" });
  await run.until(/web-1 drain started/);
  run.interrupt();
  const { exitCode, stderr } = await run.end;
  assert.equal(exitCode, 1);
  assert.match(stderr, /Stopped following only; rollout 1 goes on\. Follow it again: slipway logs rollout\/1/);
  assert.ok(!world.asked.some(({ name }) => name === "cancel"));
});

test("--detach returns at once; --json prints one document at the end", async (t) => {
  const { world, url } = await startFakeApi(t);
  const detached = await startCli([...deploy, "--detach", "--json"], { SLIPWAY_SERVER: url }).end;
  assert.equal(detached.exitCode, 0, detached.stderr);
  assert.equal(JSON.parse(detached.stdout).state, "running");
  const followed = startCli([...deploy, "2", "--json", "--server", url]);
  while (world.rollouts.length < 2) await sleep(20);
  world.changeRollout("rollout-2", { state: "succeeded", endedAt: now });
  const { stdout } = await followed.end;
  assert.deepEqual(JSON.parse(stdout).state, "succeeded");
});

test("a follower outlives a restart of the server", async (t) => {
  const first = await startFakeApi(t);
  const port = Number(new URL(first.url).port);
  const run = startCli(deploy, { SLIPWAY_SERVER: first.url });
  await run.until(/Rollout 1/);
  first.world.changeRollout("rollout-1", {}, { host: "web-1" });
  await run.until(/web-1 drain started/);
  await first.api.close();
  // Long enough for the follower to find nobody there.
  await sleep(500);
  const second = await startFakeApi(t, { port });
  second.world.addRollout(1, { state: "succeeded", endedAt: now });
  const { exitCode, stderr } = await run.end;
  assert.equal(exitCode, 0, stderr);
});

test("logs of a build are followed as they are written and end with its state", async (t) => {
  const { world, url } = await startFakeApi(t);
  world.builds.push(fakeBuild(12));
  world.write("build-12", "installing\n");
  const run = startCli(["logs", "build/12"], { SLIPWAY_SERVER: url });
  await run.until(/installing/);
  world.write("build-12", "\u001b[31mfailing\u001b[0m test\r\n");
  await run.until(/failing test/);
  world.changeBuild("build-12", { state: "failed", endedAt: now });
  world.write("build-12", "", true);
  const { exitCode, stdout } = await run.end;
  assert.equal(exitCode, 0);
  assert.equal(stdout, "installing\nfailing test\nBuild 12: failed\n");
});

test("logs of a rollout are its timeline and its verification log; --no-follow and --json lines", async (t) => {
  const { world, url } = await startFakeApi(t);
  world.addRollout(7);
  world.changeRollout("rollout-7", {}, { host: "web-1", step: "check", phase: "failed", message: "answered 503" });
  world.write("rollout-7", "1 test passed\n");
  const text = await startCli(["logs", "rollout/7", "--no-follow"], { SLIPWAY_SERVER: url }).end;
  assert.equal(text.stdout, "10:00:00 ✗ web-1 check failed: answered 503\n1 test passed\n");
  const json = await startCli(["logs", "rollout-7", "--no-follow", "--json"], { SLIPWAY_SERVER: url }).end;
  const [event, log] = json.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(event.event.step, "check");
  assert.equal(log.log.text, "1 test passed\n");
  const which = await startCli(["logs", "7"], { SLIPWAY_SERVER: url }).end;
  assert.equal(which.exitCode, 2);
  assert.match(which.stderr, /slipway logs build\/7.*slipway logs rollout\/7/);
});

test("status --watch shows each change until Ctrl-C", async (t) => {
  const { world, url } = await startFakeApi(t);
  const run = startCli(["status", "--watch"], { SLIPWAY_SERVER: url, SLIPWAY_TOKEN: fakeToken });
  await run.until(/hello: release 1/);
  world.addRollout(4);
  await run.until(/rollout\/4 +running/);
  run.interrupt();
  assert.equal((await run.end).exitCode, 0);
});
