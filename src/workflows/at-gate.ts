import { type ErrorRecord, SlipwayError } from "#core/errors.ts";
import type { Batch } from "#core/plan.ts";
import { isForward } from "#core/rollout.ts";
import { environmentSpecOf } from "#core/service.ts";
import { cancelledRecord } from "#workflows/cancelled.ts";
import { lostCapacity, type TakenOut } from "#workflows/capacity.ts";
import { rolloutSpecOf } from "#workflows/course.ts";
import { decide, type Ending } from "#workflows/decide.ts";
import { planRollout } from "#workflows/plan-rollout.ts";
import type { Releasing } from "#workflows/releasing.ts";

const lookTimeoutMs = 5 * 60_000;
const lookAgainMs = 1_000;
/** Hosts that are away for a moment are waited for; a person is asked about those that stay away. */
const capacityPatienceMs = 60_000;

/**
 * The gate before a batch, where a person's wish, a newer commit and lost capacity are looked at: nothing is half done
 * here. Resolves with how the rollout must end, or when the batch may begin.
 */
export async function atGate(releasing: Releasing, batch: Batch): Promise<Ending | undefined> {
  const { plan } = releasing.course;
  // Side by side with what serves, blue-green takes nothing out.
  const floor = plan.strategy === "blue-green" ? 0 : plan.minHealthy;
  const names = batch.hosts.map(({ name }) => name);
  return passGate(releasing, (signal) => {
    // A person may have left some of them out right here.
    const hosts = names.filter((name) => !releasing.excluded.includes(name));
    return lookAround(releasing, { hosts, floor }, signal);
  });
}

/** A gate at which nothing is taken out and no newer commit can take over: what comes next is better not begun in vain. */
export const atLastGate = (releasing: Releasing): Promise<Ending | undefined> =>
  passGate(releasing, () => wishesOf(releasing));

async function passGate(
  releasing: Releasing,
  look: (signal: AbortSignal) => Promise<Seen>,
): Promise<Ending | undefined> {
  for (;;) {
    const seen = await releasing.run.step(`gate ${releasing.nextName()}`, lookTimeoutMs, look);
    if (seen.cancelledBy) return { kind: "put-back", error: cancelledRecord(releasing.course) };
    if (seen.newer !== undefined) return supersededBy(releasing, seen.newer);
    const failure = seen.pauseAskedBy ? asked(seen.pauseAskedBy) : seen.lost && lost(seen.lost);
    if (!failure) return undefined;
    const decision = await decide(releasing, failure);
    if (typeof decision !== "string") return decision;
  }
}

type Wishes = { readonly cancelledBy?: string; readonly pauseAskedBy?: string };
type Seen = Wishes & { readonly newer?: number; readonly lost?: ErrorRecord };

async function wishesOf({ world, course }: Releasing): Promise<Wishes> {
  const kept = await world.rollouts.get(course.rolloutId);
  return {
    ...(kept?.cancelledBy ? { cancelledBy: kept.cancelledBy } : {}),
    ...(kept?.pauseAskedBy ? { pauseAskedBy: kept.pauseAskedBy } : {}),
  };
}

/** Looks until there is something to decide on, or nothing is in the way. */
async function lookAround(releasing: Releasing, out: TakenOut, signal: AbortSignal): Promise<Seen> {
  const { world, course } = releasing;
  const endsAt = world.clock.now() + capacityPatienceMs;
  for (;;) {
    const wishes = await wishesOf(releasing);
    if (wishes.cancelledBy) return wishes;
    const newer = await newerCommit(releasing, signal);
    const seen = { ...wishes, ...(newer === undefined ? {} : { newer }) };
    const error = await lostCapacity(world, course, out, signal);
    const isOver = world.clock.now() >= endsAt;
    if (!error || isOver || Object.keys(seen).length > 0) return error ? { ...seen, lost: error } : seen;
    await world.clock.sleep(lookAgainMs, signal);
  }
}

/**
 * The number of a waiting rollout of a newer commit that takes this one's hosts over at once: where the environment
 * wants that, no person must approve it first, and its own plan would not be refused. From then on it must begin.
 */
async function newerCommit({ world, course }: Releasing, signal: AbortSignal): Promise<number | undefined> {
  const { reason, release, environment, inherited, rolloutId } = course;
  if (!isForward(reason) || rolloutSpecOf(course).onNewerCommit !== "re-aim") return undefined;
  const waiting = await world.rollouts.list({ service: release.service, environment, states: ["waiting"] }, 100);
  // A person who wants to go back is served first, by the rollout that waits for that.
  if (waiting.some((other) => other.reason === "rollback")) return undefined;
  const commit = waiting.find((other) => other.reason === "commit");
  if (!commit || commit.release <= release.number) return undefined;
  const next = await world.releases.get(release.service, commit.release);
  if (!next || environmentSpecOf(next.environments, environment).promote) return undefined;
  try {
    const plan = await planRollout(world, { release: next, environment, reason: "commit", inherited }, signal);
    if (plan.refusals.length > 0) return undefined;
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    // What keeps the newer one from being planned, a secret that is missing say, is its own to tell when it begins.
    return undefined;
  }
  const heir = await world.rollouts.update(commit.id, { heirOf: rolloutId });
  return heir.state === "waiting" && heir.cancelledBy === undefined ? heir.number : undefined;
}

const supersededBy = ({ course }: Releasing, by: number): Ending => ({
  kind: "superseded",
  by,
  error: new SlipwayError(
    "rollout.superseded",
    `Rollout ${by} of a newer commit goes on with the hosts of rollout ${course.rolloutNumber}.`,
  ).toRecord(),
});

const asked = (by: string) => ({
  why: "asked" as const,
  hosts: [],
  error: new SlipwayError("rollout.cancelled", `${by} asked for a pause.`).toRecord(),
  choices: ["continue", "exclude", "put-back", "roll-back", "abort"] as const,
});

const lost = (error: ErrorRecord) => ({
  why: "failure" as const,
  hosts: [],
  error,
  choices: ["retry", "exclude", "put-back", "roll-back", "abort"] as const,
});
