import { SlipwayError } from "#core/errors.ts";
import type { Release } from "#core/release.ts";
import { isForward, type Rollout } from "#core/rollout.ts";
import { groupOf } from "#workflows/plan-rollout.ts";
import type { World } from "#workflows/world.ts";
import type { RolloutDesk } from "./application.ts";
import { type DeployWish, releaseFor, startRollout } from "./start-rollout.ts";
import { cancelRollout } from "./steer-rollout.ts";

const looksBack = 500;

export type PlaceOf = Pick<DeployWish, "service" | "environment">;
type Wish = PlaceOf & Pick<DeployWish, "release">;

/** Where a roll back goes, and the rollout that is under way there now. */
export type RollBackTarget = { readonly release: Release; readonly open: Rollout | undefined };

/**
 * A person wants the release before the live one back, or the one they name: by digest, never a rebuild. A rollout that
 * goes forward meanwhile is cancelled: what was live before it is what they want.
 */
export async function rollBack(app: RolloutDesk, wish: DeployWish): Promise<Rollout> {
  groupOf(app.world, wish.service, wish.environment);
  const { release, open } = await rollBackTarget(app.world, wish);
  if (open?.reason === "rollback" && open.release === release.number) return open;
  const made = await startRollout(app, release, wish, "rollback");
  if (open && isForward(open.reason)) await cancelUnlessEnding(app, open, wish.by);
  return made;
}

/** Fails where nothing good was live before, or what is named was never good there or is not behind what is live. */
export async function rollBackTarget(world: World, wish: Wish): Promise<RollBackTarget> {
  const { service, environment } = wish;
  const open = await openIn(world, wish);
  const good = await goodReleases(world, wish);
  const number = wish.release ?? targetOf(open, good);
  if (number === undefined)
    throw new SlipwayError("release.none", `${service} has no earlier good release in ${environment} to roll back to.`);
  if (wish.release !== undefined) refuseNamed(wish, wish.release, { open, good });
  return { release: await releaseFor(world, { service, release: number }), open };
}

/** The rollout that is under way there. */
export async function openIn(world: World, { service, environment }: PlaceOf): Promise<Rollout | undefined> {
  const [open] = await world.rollouts.list({ service, environment, states: ["running", "paused"] }, 1);
  return open;
}

/** Of rollouts after which something else is live, or nothing everywhere. */
const endStates = ["succeeded", "aborted", "stuck"] as const;

function targetOf(open: Rollout | undefined, { live, before, all }: Good): number | undefined {
  if (open?.reason === "rollback") return open.release;
  return open && isForward(open.reason) ? all[0] : live === undefined ? all[0] : before;
}

function refuseNamed(
  { service, environment }: Wish,
  number: number,
  { open, good }: { open: Rollout | undefined; good: Good },
) {
  const isUnderWay = open !== undefined && isForward(open.reason);
  if (number === good.live && !isUnderWay)
    throw new SlipwayError("rollback.identical", `Release ${number} of ${service} is live in ${environment} already.`);
  const newest = good.all[0];
  if (good.all.includes(number) && newest !== undefined && number <= newest) return;
  const why = good.all.includes(number) ? `is newer than what was live last` : "was never live and good";
  throw new SlipwayError("rollback.not-back", `Release ${number} of ${service} ${why} in ${environment}.`, {
    advice: `Roll it out with \`slipway deploy ${service} ${environment} ${number}\`, with every check.`,
  });
}

type Good = {
  /** Absent where a rollout was left in the middle: none is live everywhere. */
  readonly live: number | undefined;
  /** The last good one behind the live one. */
  readonly before: number | undefined;
  /** Every good one, the newest rollout's first. */
  readonly all: readonly number[];
};

async function goodReleases(world: World, { service, environment }: Wish): Promise<Good> {
  const ended = await world.rollouts.list({ service, environment, states: endStates }, looksBack);
  const good = ended.filter(({ state }) => state === "succeeded");
  const all = good.map(({ release }) => release);
  const [newest] = all;
  const before = newest === undefined ? undefined : all.find((number) => number < newest);
  return { live: ended[0] === good[0] ? newest : undefined, before, all };
}

/** One that has released every host ends good by itself, and the roll back follows. */
async function cancelUnlessEnding(app: RolloutDesk, { id }: Rollout, by: string | undefined): Promise<void> {
  try {
    await cancelRollout(app, id, by);
  } catch (thrown) {
    const { code } = SlipwayError.from(thrown);
    if (code !== "rollout.ending" && code !== "input.invalid") throw thrown;
  }
}
