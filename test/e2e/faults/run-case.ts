import { setTimeout as wait } from "node:timers/promises";
import type { RolloutDetail, RolloutShape } from "../../../src/contract/shapes.ts";
import { get, openRollout, rolloutEnded, steer, timelineUntil, until } from "../operator.ts";
import { complaintsOf } from "./complaints.ts";
import type { FaultCase, Seen } from "./fault-case.ts";
import { balancerRows, holdsOf, releaseOn } from "./fault-sights.ts";
import type { FaultStage } from "./fault-stage.ts";

const buildLimitMs = 120_000;
/** How long the world may take, once whole, to be as it should: a look at the fleet, a host that joins, a lease. */
const settleLimitMs = 60_000;
const lookEveryMs = 500;

export type CaseRun = { readonly seen: Seen; readonly complaints: readonly string[] };

type Ended = Pick<Seen, "state" | "code" | "host" | "message" | "newRelease">;

/** One case from a good start to its end, and on to a good start for the next one. */
export async function runCase(stage: FaultStage, fault: FaultCase): Promise<CaseRun> {
  const startedAt = performance.now();
  const { lab } = stage.lab;
  const oldRelease = await releaseOn(lab, "web-1");
  const before = { users: await stage.users.total(), rows: await balancerRows(lab) };
  const ended = await wreckedRollout(stage, fault);
  const look = async (): Promise<Seen> => {
    const users = await stage.users.total();
    const rows = await balancerRows(lab);
    const runs: Record<string, number> = {};
    for (const { name } of lab.hosts) runs[name] = await releaseOn(lab, name);
    const lostBefore = (name: string) => before.rows.find((row) => row.name === name)?.lost ?? 0;
    const lostOn = Object.fromEntries(
      // A balancer that was started anew counts from nothing.
      rows.map(({ name, lost }) => [name, lost - (lost < lostBefore(name) ? 0 : lostBefore(name))]),
    );
    const lost = users.failed + users.cut - before.users.failed - before.users.cut;
    const lostApart = lostApartOf(fault, lost, lostOn);
    return {
      ...ended,
      oldRelease,
      runs,
      inService: rows.filter(({ status }) => status.startsWith("UP")).map(({ name }) => name),
      holds: await holdsOf(stage.lab),
      users: {
        requests: users.requests - before.users.requests,
        lost: lost - lostApart,
        words: users.noted.map(({ what, times, firstAt, lastAt }) => `${what} (${times}, ${firstAt} to ${lastAt})`),
      },
      lostApart,
      lostOn,
      seconds: Math.round((performance.now() - startedAt) / 100) / 10,
    };
  };
  const seen = await settled(stage, fault, look);
  await startAgain(stage, seen);
  return { seen, complaints: complaintsOf(fault, seen) };
}

/** Of the requests that users lost: those that nobody could have answered, by what the balancer counts. */
function lostApartOf({ expected }: FaultCase, lost: number, lostOn: Seen["lostOn"]): number {
  const onHosts = Object.values(lostOn).reduce((sum, count) => sum + count, 0);
  if (expected.some(({ isBalancerAway }) => isBalancerAway)) return Math.max(0, lost - onHosts);
  const dead = expected.find(({ losesRequestsOn }) => losesRequestsOn)?.losesRequestsOn;
  return dead === undefined ? 0 : Math.min(lost, lostOn[dead] ?? 0);
}

/** The commit, the fault in the middle, the end of what came of it, and the world whole again. */
async function wreckedRollout(stage: FaultStage, { when, fault, heal, choose }: FaultCase): Promise<Ended> {
  const world = stage.lab;
  let isHealed = false;
  let healing: Promise<void> | undefined;
  const wreck = async () => {
    await fault(world);
    if (heal?.afterMs !== undefined) healing = wait(heal.afterMs).then(() => heal.do(world));
  };
  try {
    if (!when) await wreck();
    const build = await stage.client.builtOf(await stage.commit(), buildLimitMs);
    if (build.release === undefined)
      return {
        state: "build-failed",
        code: build.error?.code,
        host: build.error?.host,
        message: build.error?.message,
        newRelease: 0,
      };
    const { id } = await openRollout(world, build.release);
    if (when) {
      await timelineUntil(
        world,
        id,
        ({ host, step, phase }) => phase === "started" && host === when.host && step === when.step,
      );
      await wreck();
    }
    if (choose) {
      await timelineUntil(world, id, ({ step, phase }) => step === "pause" && phase === "started");
      await heal?.do(world);
      isHealed = true;
      await steer(world, id, choose);
    }
    return endOf((await rolloutEnded(world, id).catch((late) => throwWithLast(world, id, late))).rollout);
  } finally {
    await healing;
    if (heal && heal.afterMs === undefined && !isHealed) await heal.do(world);
  }
}

/** A rollout that does not end says how far it came. */
async function throwWithLast(world: FaultStage["lab"], id: string, late: unknown): Promise<never> {
  const { rollout, timeline } = await get<RolloutDetail>(world, `/api/rollouts/${id}`);
  const last = timeline
    .slice(-6)
    .map(({ at, direction = "", host = "", step, phase }) => `${at} ${direction} ${host} ${step} ${phase}`);
  throw new Error(`${late}; it is ${rollout.state} since ${last.join(", ")}`, { cause: late });
}

const endOf = ({ state, error, release }: RolloutShape): Ended => ({
  state,
  code: error?.code,
  host: error?.host,
  message: error?.message,
  newRelease: release,
});

/** What is seen once it is as expected and no rollout is under way, or at the limit. */
async function settled(stage: FaultStage, fault: FaultCase, look: () => Promise<Seen>): Promise<Seen> {
  const giveUpAt = performance.now() + settleLimitMs;
  for (;;) {
    const seen = await look();
    const isQuiet = !(await isRollingOut(stage));
    if ((isQuiet && complaintsOf(fault, seen).length === 0) || performance.now() > giveUpAt) return seen;
    await wait(lookEveryMs);
  }
}

async function isRollingOut({ lab }: FaultStage): Promise<boolean> {
  const { rollouts } = await get<{ rollouts: RolloutShape[] }>(lab, "/api/rollouts");
  return rollouts.some(({ state }) => ["waiting", "running", "paused"].includes(state));
}

/** The next case begins with every host on one release and in service: a person's deploy must always lead there. */
async function startAgain(stage: FaultStage, seen: Seen): Promise<void> {
  const { lab } = stage.lab;
  const isGood = async () => {
    const releases = await Promise.all(lab.hosts.map(({ name }) => releaseOn(lab, name)));
    const rows = await balancerRows(lab);
    const isOne = new Set(releases).size === 1 && (releases[0] ?? 0) > 0;
    return isOne && rows.length === lab.hosts.length && rows.every(({ status }) => status.startsWith("UP"));
  };
  if (seen.state !== "succeeded" && seen.state !== "build-failed") {
    const { rollout } = await rolloutEnded(stage.lab, await stage.deploy());
    if (rollout.state !== "succeeded")
      throw new Error(`the deploy afterwards ${rollout.state}: ${rollout.error?.code} ${rollout.error?.message}`);
  }
  await until("a good start for the next case", async () => ((await isGood()) ? true : undefined));
}
