import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { type LocalStage, localStage } from "../../demo/local-stage.ts";
import type { ServerProcess } from "../../demo/server-process.ts";
import { commitVersion, hostsOf, liveRelease } from "./operator.ts";

const program = fileURLToPath(new URL("../../bin/slipway", import.meta.url));
const deadlineMs = 90_000;

/** An operator's hour at the command line, with a real server behind it. */
describe("the command line of a real server", { timeout: 240_000 }, () => {
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

  it("logs shows a build's output and a rollout's steps", async () => {
    const build = await slipway("logs", "build/1", "--no-follow");
    assert.match(build.out, /unit tests/);
    assert.match(build.out, /sha256:/);
    const rollout = await slipway("logs", "rollout/2", "--no-follow");
    assert.match(rollout.out, /web-2.*drain/);
  });
});
