import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { BuildShape, RolloutDetail } from "#contract/shapes.ts";
import type { HelloWish } from "../../demo/hello.ts";
import { type LabStage, labStage } from "../../demo/lab-scene.ts";
import { commitAll, commitHello } from "../../demo/repository.ts";
import type { TrafficProgram } from "../../demo/traffic-program.ts";
import { get, hostsOf, liveRelease, openRollout, rolloutEnded, until } from "./operator.ts";

/** Each is a named failure, and the fleet serves as before: on the private network, with users asking all the while. */
describe("when the world fails on the private network", { timeout: 400_000 }, () => {
  let stage: LabStage;
  let users: TrafficProgram;
  let release = 1;

  const commit = (change: Partial<HelloWish> = {}) =>
    commitHello(stage.repository, { ...stage.hello, version: release, ...change }, `Version ${release}`);
  const change = (path: readonly string[], value: unknown) => ({ settings: [[path, value]] as const });

  const deploy = async (): Promise<RolloutDetail> => {
    const answer = await fetch(`${stage.url}/api/rollouts`, {
      method: "POST",
      headers: { authorization: `Bearer ${stage.token}`, "content-type": "application/json" },
      body: JSON.stringify({ service: "hello", environment: "integration" }),
    });
    assert.equal(answer.status, 200, await answer.clone().text());
    return rolloutEnded(stage, ((await answer.json()) as { id: string }).id);
  };
  const built = (sha: string): Promise<BuildShape> =>
    until(`the build of ${sha}`, async () => {
      const { builds } = await get<{ builds: BuildShape[] }>(stage, "/api/builds");
      return builds.find((build) => build.commit.sha === sha && ["succeeded", "failed"].includes(build.state));
    });

  before(async () => {
    stage = await labStage();
    await commit();
    await liveRelease(stage, 1);
    users = stage.startTraffic();
  });
  after(() => stage?.[Symbol.asyncDispose]());

  it("names the bastion when it is down, touches nothing, and works again when it is back", async () => {
    await stage.lab.powerOff("bastion");
    const { rollout } = await deploy();
    assert.deepEqual([rollout.state, rollout.error?.code], ["failed", "bastion.unreachable"], rollout.error?.message);
    await stage.lab.powerOn("bastion");
    assert.equal((await deploy()).rollout.state, "succeeded");
  });

  it("stops at a program that ends at once, shows its words, and puts the host back", async () => {
    release = 2;
    await commit(change(["run", "command"], ["node", "-e", "console.error('no such table: users'); process.exit(3)"]));
    const { id } = await openRollout(stage, 2);
    const { rollout } = await rolloutEnded(stage, id);
    assert.deepEqual([rollout.state, rollout.error?.code], ["failed", "container.exited"], rollout.error?.message);
    assert.match(rollout.error?.lastLines ?? "", /no such table: users/);
    assert.equal(rollout.error?.host, "web-1");
    await hostsOf(stage, 1);
  });

  it("replaces a program that ignores SIGTERM", async () => {
    const stubborn = "process.on('SIGTERM', () => {}); process.once = () => process; import('/app/server.js')";
    const short = [
      [["run", "stop", "timeout"], "1s"],
      [
        ["run", "command"],
        ["node", "-e", stubborn],
      ],
    ] as const;
    release = 3;
    await commit({ settings: short });
    await liveRelease(stage, 3);
    release = 4;
    await commit();
    await liveRelease(stage, 4);
    await hostsOf(stage, 4);
  });

  it("fails the build of a commit whose slipway.yaml is wrong or missing; the last release stays live", async () => {
    await writeFile(join(stage.repository, "slipway.yaml"), "service: hello\nrun: { prot: 8080 }\n");
    const wrong = await built(await commitAll(stage.repository, "Break slipway.yaml"));
    assert.equal(wrong.error?.code, "config.invalid");
    assert.match(wrong.error?.message ?? "", /slipway\.yaml:2:8: .*Did you mean "port"\?/);
    await rm(join(stage.repository, "slipway.yaml"));
    const missing = await built(await commitAll(stage.repository, "Remove slipway.yaml"));
    assert.match(missing.error?.message ?? "", /no slipway\.yaml/);
    await hostsOf(stage, 4);
  });

  it("names a host that is down before it touches another", async () => {
    release = 5;
    await stage.lab.powerOff("web-3");
    await commit();
    const { id } = await openRollout(stage, 5);
    const { rollout } = await rolloutEnded(stage, id);
    assert.deepEqual([rollout.state, rollout.error?.code], ["failed", "host.unreachable"], rollout.error?.message);
    assert.ok(
      rollout.error?.message.includes("10.20.0.103") || rollout.error?.message.includes("web-3"),
      rollout.error?.message,
    );
    await stage.lab.powerOn("web-3");
    await hostsOf(stage, 4);
    assert.equal((await deploy()).rollout.state, "succeeded");
    await hostsOf(stage, 5);
  });

  it("loses no request in all that, but those in flight on the host whose power was cut", async () => {
    const { requests, failed, cut } = await users.total();
    assert.ok(requests > 1_000, `users sent ${requests}`);
    assert.ok(
      failed + cut <= 120,
      `${failed} failed, ${cut} cut of ${requests}: HAProxy needs two checks to see a host go`,
    );
  });
});
