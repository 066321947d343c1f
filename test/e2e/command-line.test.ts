import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { type LocalStage, localStage } from "../../demo/local-stage.ts";
import type { ServerProcess } from "../../demo/server-process.ts";
import { commitVersion, hostsOf, liveRelease, pausedRollout, rolloutEnded } from "./operator.ts";

const program = fileURLToPath(new URL("../../bin/slipway", import.meta.url));
const deadlineMs = 90_000;

/** An operator's hour at the command line, with a real server behind it. */
describe("the command line of a real server", { timeout: 360_000 }, () => {
  let stage: LocalStage;
  let server: ServerProcess;

  const slipway = (...args: string[]): Promise<{ exitCode: number; out: string; err: string }> =>
    new Promise((resolve) => {
      const env = { ...process.env, SLIPWAY_SERVER: server.url, SLIPWAY_DATA: stage.data, NO_COLOR: "1", CI: "1" };
      const child = execFile(program, args, { env, timeout: deadlineMs }, (_error, out, err) =>
        resolve({ exitCode: child.exitCode ?? -1, out, err }),
      );
    });

  before(async () => {
    stage = await localStage();
    server = await stage.startServer();
    await commitVersion(stage, 1);
    await liveRelease(server, 1);
    await commitVersion(stage, 2);
    await liveRelease(server, 2);
  });
  after(() => stage?.[Symbol.asyncDispose]());

  it("doctor finds everything in order, and names each thing it looked at", async () => {
    const { exitCode, out, err } = await slipway("doctor");
    assert.equal(exitCode, 0, out + err);
    for (const subject of ["git", "engine", "balancer", "disk"]) assert.match(out, new RegExp(subject), out);
  });

  it("status tells what is live where", async () => {
    await hostsOf(server, 2);
    const { exitCode, out } = await slipway("status");
    assert.equal(exitCode, 0);
    for (const word of ["integration", "hello", "release 2", "web-1", "web-3", "in service"])
      assert.ok(out.includes(word), out);
    const json = JSON.parse((await slipway("status", "--json")).out);
    assert.equal(json.environments[0].groups[0].liveRelease, 2);
  });

  it("plan prints the exact sequence, and refuses with exit code 2 to deploy an older release", async () => {
    const good = await slipway("plan", "hello", "integration");
    assert.equal(good.exitCode, 0, good.err);
    assert.match(good.out, /every host runs release 2 already/);
    const older = await slipway("plan", "hello", "integration", "1");
    assert.equal(older.exitCode, 2);
    assert.match(older.out + older.err, /Release 1 is older than release 2.*rollback hello integration 1/s);
    assert.equal((await slipway("deploy", "nothing", "integration")).exitCode, 2);
  });

  it("rollback goes to the last good release by digest, follows to its end and prints the receipt", async () => {
    const { exitCode, out, err } = await slipway("rollback", "hello", "integration");
    assert.equal(exitCode, 0, out + err);
    assert.match(out, /0 failed/);
    await hostsOf(server, 1);
    const deploy = await slipway("deploy", "hello", "integration", "--json");
    assert.equal(deploy.exitCode, 0, deploy.err);
    await hostsOf(server, 2);
  });

  it("a rollout that pauses is told first of all, steered, and followed to what the choice meant", async () => {
    const settings = [[["environments", "integration", "rollout"], { on_failure: "pause" }]] as const;
    await commitVersion(stage, 3, { breakHealth: true, settings });
    const { number, id } = await pausedRollout(server, 3);
    const status = await slipway("status");
    assert.match(status.out, new RegExp(`^Rollout ${number} of hello in integration was paused .*: web-\\d failed`));
    const wrong = await slipway("steer", String(number), "continue");
    assert.equal(wrong.exitCode, 2);
    assert.match(wrong.err, /Choose one of: retry, exclude, put-back, roll-back, abort/);
    const again = await slipway("steer", String(number), "retry", "--by", "ana");
    assert.equal(again.exitCode, 3, again.out + again.err);
    assert.match(again.out, new RegExp(`ana chose retry.*slipway steer ${number} put-back`, "s"));
    const back = await slipway("steer", `rollout/${number}`, "put-back");
    assert.equal(back.exitCode, 1, back.out + back.err);
    assert.match(back.out, /put back: admit succeeded.*: failed/s);
    assert.equal((await rolloutEnded(server, id)).rollout.state, "failed");
    await hostsOf(server, 2);
  });

  it("rollback without a word finds the place and the release, and says how ready the hosts are", async () => {
    const ready = await slipway("rollback", "--ready", "--json");
    assert.equal(ready.exitCode, 0, ready.out);
    const [place] = JSON.parse(ready.out);
    assert.deepEqual([place.release, place.ready, place.hosts.length], [1, true, 3]);
    const { exitCode, out, err } = await slipway("rollback");
    assert.equal(exitCode, 0, out + err);
    assert.match(
      out,
      /hello in integration: back from release 2 to release 1.*ready: 3 of 3 hosts hold its image, about/s,
    );
    await hostsOf(server, 1);
  });

  it("correct shows its plan before it puts a host right", async () => {
    const { exitCode, out, err } = await slipway("correct", "hello", "integration", "web-2");
    assert.equal(exitCode, 0, out + err);
    assert.match(out, /^Correction: .*release 1/);
    const unknown = await slipway("correct", "hello", "integration", "web-9");
    assert.deepEqual([unknown.exitCode, /no host "web-9"/.test(unknown.err)], [2, true], unknown.err);
  });

  it("logs shows a build's output and a rollout's steps", async () => {
    const build = await slipway("logs", "build/1", "--no-follow");
    assert.match(build.out, /unit tests/);
    assert.match(build.out, /sha256:/);
    const rollout = await slipway("logs", "rollout/2", "--no-follow");
    assert.match(rollout.out, /web-2.*drain/);
  });

  it("a rollout that is exported goes the same way on simulated hosts, also when the server is killed there", async () => {
    const file = join(stage.data, "rollout.json");
    const exported = await slipway("export", "rollout/2");
    assert.equal(exported.exitCode, 0, exported.err);
    await writeFile(file, exported.out);
    for (const more of [[], ["--kill-at", "10,30"]]) {
      const { exitCode, out, err } = await slipway("rehearse", file, ...more);
      assert.equal(exitCode, 0, out + err);
      assert.match(out, /web-2 replace .*succeeded.*succeeded/);
      assert.match(out, more.length > 0 ? /killed at 2/ : /killed at 0/);
    }
    const nothing = await slipway("rehearse", stage.fleet);
    assert.equal(nothing.exitCode, 2);
    assert.match(nothing.err, /is not what `slipway export` writes/);
  });
});
