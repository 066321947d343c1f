import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import type { HostShape, Overview } from "#contract/shapes.ts";
import { localTraffic } from "../../demo/local-scene.ts";
import { type LocalStage, localStage } from "../../demo/local-stage.ts";
import type { ServerProcess } from "../../demo/server-process.ts";
import { callEngine, containersWith } from "../../scripts/setup/engine-api.ts";
import {
  commitVersion,
  correct,
  get,
  hostsOf,
  liveRelease,
  openRollout,
  rolloutEnded,
  rolloutsOf,
  timelineUntil,
  until,
} from "./operator.ts";

const engineDeadlineMs = 30_000;

/** Hosts come, change by hand and are put right; users ask all the while. */
describe("hosts that join and hosts that drift", { timeout: 300_000 }, () => {
  let stage: LocalStage;
  let server: ServerProcess;
  let allHosts: string;

  const fleetWithout = (name: string) => allHosts.replace(new RegExp(`, \\{ name: ${name}, [^}]*\\}`), "");
  const hostNamed = async (name: string): Promise<HostShape | undefined> => {
    const { environments } = await get<Overview>(server, "/api/overview");
    return environments
      .flatMap(({ groups }) => groups.flatMap(({ hosts }) => hosts))
      .find((host) => host.name === name);
  };

  /** As a person does it, at the balancer's own socket. */
  const askBalancer = async (command: string): Promise<void> => {
    const [, path = ""] = /unix:\/\/([^"]+)/.exec(allHosts) ?? [];
    const socket = connect(path, () => socket.end(`${command}\n`));
    await once(socket.resume(), "close");
  };

  before(async () => {
    stage = await localStage();
    allHosts = await readFile(stage.fleet, "utf8");
    await writeFile(stage.fleet, fleetWithout("web-3"));
    server = await stage.startServer();
    await commitVersion(stage, 1);
    await liveRelease(server, 1);
  });
  after(() => stage[Symbol.asyncDispose]());

  it("a host that is added to the group gets the live release, checked before it is admitted", async () => {
    const users = localTraffic(stage.front);
    try {
      await writeFile(stage.fleet, allHosts);
      const join = await until("a rollout for the host", async () =>
        (await rolloutsOf(server)).find(({ reason }) => reason === "join"),
      );
      const { rollout, timeline } = await rolloutEnded(server, join.id);
      assert.deepEqual([rollout.reason, rollout.state, rollout.onlyHosts], ["join", "succeeded", ["web-3"]]);
      const acts = timeline.filter(({ host, phase }) => host === "web-3" && phase === "succeeded");
      assert.deepEqual(
        acts.map(({ step }) => step),
        ["drain", "replace", "check", "admit"],
      );
      const { failed, cut } = await users.total();
      assert.deepEqual({ failed, cut }, { failed: 0, cut: 0 });
    } finally {
      await users.stop();
    }
  });

  it("a host that is added in mid-rollout is on the rollout's release at its end", async () => {
    await writeFile(stage.fleet, fleetWithout("web-3"));
    await until("web-3 to have left", async () => ((await hostNamed("web-3")) ? undefined : true));
    await commitVersion(stage, 2);
    const { id } = await openRollout(server, 2);
    await timelineUntil(server, id, ({ host, step }) => host === "web-2" && step === "check");
    await writeFile(stage.fleet, allHosts);
    const { rollout, timeline } = await rolloutEnded(server, id);
    assert.equal(rollout.state, "succeeded", rollout.error?.message);
    assert.ok(timeline.some(({ host, step, phase }) => host === "web-3" && step === "admit" && phase === "succeeded"));
    await hostsOf(server, 2);
    assert.equal((await rolloutsOf(server))[0]?.id, id, "it needed no rollout of its own");
  });

  it("a container that somebody stopped is found and shown, and put right when a person says so", async () => {
    const [container] = await containersWith(stage.engineSocket, "slipway.host=web-2");
    const path = `/containers/${container?.id}/stop?t=1`;
    await callEngine({ socketPath: stage.engineSocket, method: "POST", path, deadlineMs: engineDeadlineMs });
    const drifted = await until("the drift of web-2", async () => {
      const host = await hostNamed("web-2");
      return host?.drift ? host : undefined;
    });
    assert.equal(drifted.drift?.kind, "stopped");
    assert.match(drifted.drift?.message ?? "", /release 2 does not run here/);
    const made = await correct(server, { service: "hello", environment: "integration" });
    const { rollout } = await rolloutEnded(server, made.id);
    assert.equal(rollout.state, "succeeded", rollout.error?.message);
    await hostsOf(server, 2);
    assert.equal((await hostNamed("web-2"))?.drift, undefined);
  });

  it("a server that somebody set to maintenance is shown, left alone, and serves again when its host is named", async () => {
    await askBalancer("set server hello/web-1 state maint");
    const place = { service: "hello", environment: "integration" };
    const visitedBy = async (hosts?: string[]) => {
      const made = await correct(server, { ...place, ...(hosts ? { hosts } : {}) });
      const { rollout } = await rolloutEnded(server, made.id);
      assert.equal(rollout.state, "succeeded", rollout.error?.message);
      return rollout.plan?.batches.flatMap((batch) => batch.hosts.map(({ name }) => name));
    };
    const drifted = await until("the drift of web-1", async () => (await hostNamed("web-1"))?.drift);
    assert.deepEqual(drifted.kind, "out-of-service");
    assert.deepEqual(await visitedBy(), []);
    assert.equal((await hostNamed("web-1"))?.inService, false);
    assert.deepEqual(await visitedBy(["web-1"]), ["web-1"]);
    await hostsOf(server, 2);
  });
});
