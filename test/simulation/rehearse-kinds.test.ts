import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exportRollout } from "#app/export-rollout.ts";
import { approveRollout, cancelRollout, pauseRollout } from "#app/steer-rollout.ts";
import { SlipwayError } from "#core/errors.ts";
import { environmentSpecOf, type StepSpec } from "#core/service.ts";
import type { StepOutcome } from "#ports/workspace.ts";
import { nothingToRehearse, notPlayed } from "#simulator/not-played.ts";
import { goodProgram } from "#simulator/program.ts";
import { type Recorded, recordedShape } from "#simulator/recorded-run.ts";
import { rehearsalPage } from "#simulator/rehearsal-page.ts";
import { rehearse } from "#simulator/rehearse.ts";
import { fleetSpecOf } from "#simulator/simulated-world.ts";
import type { World } from "#workflows/world.ts";
import { Simulation, type SimulationOptions } from "./simulation.ts";

type Kind = SimulationOptions & { readonly ends: string /** The one that followed it. */; readonly isLast?: true };

const badOn = (...hosts: string[]) => ({ ...goodProgram, badOn: hosts });
const onOpen = (act: (simulation: Simulation, id: string) => unknown) => (simulation: Simulation) =>
  simulation.open && act(simulation, simulation.open.id);
const cancels = onOpen((simulation, id) => simulation.withServer((desk) => cancelRollout(desk, id)));
const pauses = onOpen((simulation, id) => simulation.withServer((desk) => pauseRollout(desk, id)));
const approves = onOpen((simulation, id) => simulation.withServer((desk) => approveRollout(desk, id)));
const joins = (simulation: Simulation) => {
  const hosts = ["web-1", "web-2", "web-3", "web-4", "spare-1"];
  simulation.spec = fleetSpecOf({ hosts, balancers: ["front-1 hello"] });
};
const step: StepSpec = { name: "tests", run: "npm test", timeoutMs: 60_000, env: {}, cache: [] };
const canary = {
  ...{ hosts: { hosts: 1 }, bakeMs: 3_000, maxErrorPercent: 5, minRequests: 1 },
  ...{ commands: [step], queries: [] },
};

/** The repository's own commands end so, one after the other. */
const commands =
  (...exitCodes: number[]) =>
  (world: World): World => {
    const end = async (): Promise<StepOutcome> => ({
      ...{ exitCode: exitCodes.shift() ?? 0, timedOut: false, outputCut: false, lastLines: "" },
    });
    const source = { name: "hello", git: "", pollMs: 1, branches: [] };
    return {
      ...world,
      fleet: () => {
        const { environments, ...fleet } = world.fleet();
        const measured = Object.entries(environments).map(([name, each]) => [name, { ...each, prometheus: "x" }]);
        return { ...fleet, sources: [source], environments: Object.fromEntries(measured) };
      },
      source: { ...world.source, checkout: async () => ({ sha: "", branch: "", subject: "", author: "" }) },
      workspaces: { ...world.workspaces, open: async () => "", runStep: end, close: async () => undefined },
    };
  };

/** The n-th such call on that host fails. */
const failsOnce = (port: "drain" | "start" | "pull", host: string) => {
  let left = 1;
  const fails = (name: string) => {
    if (name !== host || left-- <= 0) return;
    const code = (
      { drain: "balancer.unreachable", start: "container.start-failed", pull: "registry.unreachable" } as const
    )[port];
    throw new SlipwayError(code, `${host} failed.`, { host });
  };
  return ({ balancer, containers, ...world }: World): World => ({
    ...world,
    balancer: {
      ...balancer,
      async drain(at, server, ...rest) {
        if (port === "drain") fails(server);
        return balancer.drain(at, server, ...rest);
      },
    },
    containers: {
      ...containers,
      async start(at, ...rest) {
        if (port === "start") fails(at.host.name);
        return containers.start(at, ...rest);
      },
      async pull(at, ...rest) {
        if (port === "pull") fails(at.host.name);
        return containers.pull(at, ...rest);
      },
    },
  });
};
const chooses = (...actions: ("retry" | "exclude" | "continue" | "put-back" | "roll-back" | "abort")[]) => ({
  choose: (_: unknown, count: number) => ({ action: actions[count] ?? ("put-back" as const), afterMs: 5_000 }),
});
const asks = { onFailure: "pause" } as const;
const promote = { from: "staging", approval: { timeoutMs: 60_000 } };

const kinds: Record<string, Kind> = {
  rolling: { ends: "succeeded" },
  "rolling with a bake, two at a time": { rollout: { bakeMs: 2_000, batch: { hosts: 2 } }, ends: "succeeded" },
  "all at once": { balancers: 0, rollout: { strategy: "all-at-once" }, ends: "succeeded" },
  "all at once that fails": {
    balancers: 0,
    rollout: { strategy: "all-at-once" },
    program: badOn("web-2"),
    ends: "failed",
  },
  "blue-green": { hasSecondPlaces: true, rollout: { strategy: "blue-green", bakeMs: 1_000 }, ends: "succeeded" },
  "blue-green that fails": {
    ...{ hasSecondPlaces: true, rollout: { strategy: "blue-green" }, program: badOn("web-3"), ends: "failed" },
  },
  "verified well": { verify: [step], change: commands(0), ends: "succeeded" },
  "verified badly": { verify: [step], change: commands(1), ends: "failed" },
  "verified badly, then well": {
    ...{ verify: [step], change: commands(1, 0), rollout: asks, ...chooses("retry"), ends: "succeeded" },
  },
  approved: { promote, happenings: [{ atMs: 9_000, act: approves }], ends: "succeeded" },
  "not approved in time": { promote, ends: "cancelled" },
  "cancelled at its approval": { promote, happenings: [{ atMs: 9_000, act: cancels }], ends: "cancelled" },
  "canary with commands": { rollout: { strategy: "canary", canary }, change: commands(0), ends: "succeeded" },
  "canary whose command fails": { rollout: { strategy: "canary", canary }, change: commands(1), ends: "failed" },
  "canary that could not be measured": {
    rollout: { strategy: "canary", canary: { ...canary, queries: [{ name: "latency", query: "x", max: 1 }] } },
    ...{ change: commands(0), ...chooses("continue"), ends: "succeeded" },
  },
  "a person excludes": { program: badOn("web-2"), rollout: asks, ...chooses("exclude"), ends: "succeeded" },
  "a person retries and puts back": {
    ...{ program: badOn("web-2"), rollout: asks, ...chooses("retry", "put-back"), ends: "failed" },
  },
  "a person aborts": { program: badOn("web-2"), rollout: asks, ...chooses("abort"), ends: "aborted" },
  "a person rolls back": { program: badOn("web-2"), rollout: asks, ...chooses("roll-back"), ends: "aborted" },
  "a rollback with a bake": {
    ...{ program: badOn("web-2"), rollout: { ...asks, bakeMs: 4_000 }, ...chooses("roll-back") },
    ...{ ends: "succeeded", isLast: true },
  },
  "a person cancels in mid-bake": {
    ...{ rollout: { bakeMs: 6_000 }, happenings: [{ atMs: 9_000, act: cancels }], ends: "cancelled" },
  },
  "a person cancels": { happenings: [{ atMs: 5_000, act: cancels }], ends: "cancelled" },
  "a person pauses, and goes on": {
    happenings: [{ atMs: 4_000, act: pauses }],
    ...chooses("continue"),
    ends: "succeeded",
  },
  "the policy leaves out": {
    ...{ program: badOn("web-2"), rollout: { onFailure: "continue", maxFailures: 1 }, ends: "succeeded" },
  },
  "superseded at its approval": {
    ...{ promote, happenings: [{ atMs: 9_000, act: (simulation: Simulation) => simulation.commit(goodProgram) }] },
    ends: "superseded",
  },
  superseded: {
    ...{ happenings: [{ atMs: 4_000, act: (simulation) => simulation.commit(goodProgram) }], ends: "superseded" },
  },
  "a drain that fails": { change: failsOnce("drain", "web-2"), ends: "failed" },
  "a drain that fails once": {
    change: failsOnce("drain", "web-2"),
    rollout: asks,
    ...chooses("retry"),
    ends: "succeeded",
  },
  "a replace that fails": { change: failsOnce("start", "web-3"), ends: "failed" },
  "a replace that fails once": {
    change: failsOnce("start", "web-3"),
    rollout: asks,
    ...chooses("retry"),
    ends: "succeeded",
  },
  "a pull that fails": { change: failsOnce("pull", "web-2"), ends: "failed" },
  "a pull that fails, left out": {
    change: failsOnce("pull", "web-2"),
    rollout: asks,
    ...chooses("exclude"),
    ends: "succeeded",
  },
  "a host that joins": { spares: 1, happenings: [{ atMs: 4_000, act: joins }], ends: "succeeded" },
};

/** What `slipway export` would write of the first rollout. */
async function recordOf({ ends: _, isLast, ...options }: Kind): Promise<Recorded> {
  const simulation = new Simulation({ ...options, rules: {} });
  const proof = {
    service: "hello",
    environment: "staging",
    release: 2,
    reason: "deploy",
    by: "",
    key: "staging",
  } as const;
  const proved = await simulation.records.rollouts.create(proof);
  await simulation.records.rollouts.update(proved.id, { state: "succeeded" });
  await simulation.run();
  const own = simulation.rollouts.filter(({ plan }) => plan);
  const { id } = own.at(isLast ? -1 : 0) ?? assert.fail("no rollout");
  const rollout = await simulation.records.rollouts.get(id);
  const release = rollout && (await simulation.records.releases.get("hello", rollout.release));
  assert.ok(release);
  const { port, network, stop, health } = release.run;
  return recordedShape.parse({
    version: 1,
    rollout,
    strategy: environmentSpecOf(release.environments, "integration").rollout,
    run: { port, network, stop, health },
    timeline: await simulation.records.timeline.of(id),
  });
}

it("what can not be rehearsed is refused with the reason, and what is not played is said", async () => {
  const record = await recordOf({ verify: [step], change: commands(0), ends: "succeeded" });
  assert.deepEqual(notPlayed(record), [
    "the repository's own commands and a canary's queries: they end as they ended then",
  ]);
  const { plan: _, ...unplanned } = record.rollout;
  const refused = { ...record, rollout: { ...unplanned, state: "refused" } };
  assert.match(nothingToRehearse(refused) ?? "", /ended as refused before it was planned/);
  assert.match(nothingToRehearse({ ...record, timeline: [{ step: "plan" }] }) ?? "", /before it began/);
  const open = { ...record, rollout: { ...record.rollout, state: "running" } };
  assert.match(nothingToRehearse(open) ?? "", /had not ended when it was exported/);
  assert.deepEqual(
    [nothingToRehearse(record), nothingToRehearse({}), nothingToRehearse(undefined)],
    [undefined, undefined, undefined],
  );
});

it("an export of a rollout that has not ended is refused", async () => {
  const refusals: string[] = [];
  const tryExport = onOpen((simulation, id) =>
    simulation.withServer(async (desk) => {
      await exportRollout(desk, id).catch((error) => refusals.push(error.message));
    }),
  );
  await new Simulation({ rules: {}, happenings: [{ atMs: 4_000, act: tryExport }] }).run();
  assert.deepEqual(refusals, ["Rollout 2 is running: only one that has ended can be exported."]);
});

describe("a rehearsal takes the same steps to the same end as what was recorded of", () => {
  for (const [name, kind] of Object.entries(kinds))
    it(name, async () => {
      const record = await recordOf(kind);
      assert.equal(record.rollout.state, kind.ends);
      const rehearsal = await rehearse(record);
      assert.deepEqual(rehearsalPage(record, rehearsal).differences, []);
      const killed = await rehearse(record, [7, Math.floor(rehearsal.points / 2), rehearsal.points - 3]);
      assert.deepEqual([killed.deaths, rehearsalPage(record, killed).differences], [3, []], "killed");
    });
});
