import { type ErrorRecord, SlipwayError } from "#core/errors.ts";
import type { Batch } from "#core/plan.ts";
import { environmentSpecOf } from "#core/service.ts";
import { cancelledRecord } from "#workflows/cancelled.ts";
import { rolloutSpecOf } from "#workflows/course.ts";
import { decide, type Ending } from "#workflows/decide.ts";
import { lostCapacity } from "#workflows/lost-capacity.ts";
import { planRollout } from "#workflows/plan-rollout.ts";
import type { Releasing } from "#workflows/releasing.ts";

const lookTimeoutMs = 60_000;

/**
 * The gate before a batch, the only place where a person's wish, a newer commit and lost capacity are looked at:
 * nothing is half done here. Resolves with how the rollout must end, or when the batch may begin.
 */
export async function atGate(releasing: Releasing, batch: Batch): Promise<Ending | undefined> {
  for (;;) {
    const seen = await lookAround(releasing, batch);
    if (seen.cancelledBy) return { kind: "put-back", error: cancelledRecord(releasing.course) };
    if (seen.newer !== undefined) return supersededBy(releasing, seen.newer);
    const failure = seen.pauseAskedBy ? asked(seen.pauseAskedBy) : seen.lost && lost(seen.lost);
    if (!failure) return undefined;
    const decision = await decide(releasing, failure);
    if (typeof decision !== "string") return decision;
  }
}

type Seen = { cancelledBy?: string; pauseAskedBy?: string; newer?: number; lost?: ErrorRecord };

const lookAround = (releasing: Releasing, batch: Batch): Promise<Seen> => {
  const { run, world, course } = releasing;
  return run.step(`gate ${releasing.nextName()}`, lookTimeoutMs, async (signal) => {
    const kept = await world.rollouts.get(course.rolloutId);
    const newer = await newerCommit(releasing, signal);
    const names = batch.hosts.map(({ name }) => name);
    const capacity = await lostCapacity(world, course, names, signal);
    return {
      ...(kept?.cancelledBy ? { cancelledBy: kept.cancelledBy } : {}),
      ...(kept?.pauseAskedBy ? { pauseAskedBy: kept.pauseAskedBy } : {}),
      ...(newer === undefined ? {} : { newer }),
      ...(capacity ? { lost: capacity } : {}),
    };
  });
};

/**
 * The number of a waiting rollout of a newer commit that can take this one's hosts over at once: where the environment
 * wants that, no person must approve it first, and its own plan would not be refused.
 */
async function newerCommit({ world, course }: Releasing, signal: AbortSignal): Promise<number | undefined> {
  const { reason, release, environment, inherited } = course;
  const isForward = reason === "commit" || reason === "deploy";
  if (!isForward || rolloutSpecOf(course).onNewerCommit !== "re-aim") return undefined;
  const [waiting] = await world.rollouts.list({ service: release.service, environment, states: ["waiting"] }, 1);
  if (waiting?.reason !== "commit" || waiting.release <= release.number) return undefined;
  const next = await world.releases.get(release.service, waiting.release);
  if (!next || environmentSpecOf(next.environments, environment).promote) return undefined;
  try {
    const plan = await planRollout(world, { release: next, environment, reason: "commit", inherited }, signal);
    return plan.refusals.length === 0 ? waiting.number : undefined;
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    // What keeps the newer one from being planned, a secret that is missing say, is its own to tell when it begins.
    return undefined;
  }
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
  choices: ["continue", "put-back", "roll-back", "abort"] as const,
});

const lost = (error: ErrorRecord) => ({
  why: "failure" as const,
  hosts: [],
  error,
  choices: ["retry", "put-back", "roll-back", "abort"] as const,
});
