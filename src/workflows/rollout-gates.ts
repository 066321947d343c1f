import { type ErrorRecord, errorCodes, SlipwayError } from "#core/errors.ts";
import { planDifference } from "#core/plan-difference.ts";
import { isFinal, type Rollout, replacesWaiting } from "#core/rollout.ts";
import { environmentSpecOf } from "#core/service.ts";
import { outcomeOf } from "#engine/acts.ts";
import type { Run } from "#engine/run.ts";
import { act } from "#workflows/act.ts";
import { cancelledRecord } from "#workflows/cancelled.ts";
import type { Course } from "#workflows/course.ts";
import { groupOf, planRollout } from "#workflows/plan-rollout.ts";
import { predecessorOf } from "#workflows/predecessor.ts";
import { secretVersionsFor } from "#workflows/secret-versions.ts";
import type { World } from "#workflows/world.ts";

const recordTimeoutMs = 60_000;
const planTimeoutMs = 120_000;

/** The topic on which a person's approval arrives. */
export const approvalTopic = "approve";

/** The rollout runs from now on; false when a newer one or a person ended it while it waited. */
export const beginRollout = (run: Run, world: World, rolloutId: string): Promise<boolean> =>
  run.step("begin", recordTimeoutMs, async () => {
    const kept = await world.rollouts.get(rolloutId);
    if (!kept || isFinal(kept.state)) return false;
    const good = { service: kept.service, environment: kept.environment, states: ["succeeded" as const] };
    const [live] = await world.rollouts.list(good, 1);
    const previous = live ? { previousRelease: live.release } : {};
    // Hosts that join or are put right get what is live now, not what was when they were asked to.
    const release = replacesWaiting(kept.reason) ? kept.release : (live?.release ?? kept.release);
    const startedAt = kept.startedAt ?? new Date(world.clock.now()).toISOString();
    await world.rollouts.update(rolloutId, { state: "running", startedAt, release, ...previous });
    return true;
  });

/** The course that was decided on; with a refusal or the world's failure beside it when it must not be taken. */
export type Planned = { readonly course?: Course; readonly error?: ErrorRecord };

/** Looks, decides and records the plan; nothing was touched when it resolves. */
export async function planCourse(run: Run, world: World, rolloutId: string): Promise<Planned> {
  const planning = act(
    run,
    world,
    { rolloutId, step: "plan" },
    {
      timeoutMs: planTimeoutMs,
      async doing({ signal, progress }): Promise<Planned> {
        const kept = await world.rollouts.get(rolloutId);
        const course = await courseOf(world, kept, signal);
        for (const words of kept?.shownPlan ? planDifference(kept.shownPlan, course.plan) : [])
          progress(`planned again: ${words}`);
        await world.rollouts.update(rolloutId, { plan: course.plan, secretVersions: course.secretVersions });
        const refusal = course.plan.refusals[0];
        if (!refusal) return { course };
        const error = refused(refusal.error, course.plan.refusals);
        // Nobody else goes on with what a superseded rollout left half done.
        if (course.inherited.length > 0) return { course, error: error.toRecord() };
        throw error;
      },
    },
  );
  const outcome = await outcomeOf(planning);
  return outcome.ok ? outcome.value : { error: outcome.error };
}

async function courseOf(world: World, kept: Rollout | undefined, signal: AbortSignal): Promise<Course> {
  const release = kept && (await world.releases.get(kept.service, kept.release));
  if (!kept || !release) throw new SlipwayError("not.found", "The release of this rollout is not recorded.");
  const { environment, reason, onlyHosts } = kept;
  const inherited = (await predecessorOf(world, kept))?.touched ?? [];
  const { group, network } = groupOf(world, release.service, environment);
  const prometheus = world.fleet().environments[environment]?.prometheus;
  const what = { release, environment, reason, inherited, ...(onlyHosts ? { onlyHosts } : {}) };
  return {
    rolloutId: kept.id,
    rolloutNumber: kept.number,
    reason,
    release,
    environment,
    network,
    group,
    inherited,
    secretVersions: await secretVersionsFor(world, kept, release),
    plan: await planRollout(world, what, signal),
    ...(kept.previousRelease === undefined ? {} : { previousRelease: kept.previousRelease }),
    ...(prometheus === undefined ? {} : { prometheus }),
  };
}

function refused(
  error: ErrorRecord | undefined,
  refusals: readonly { reason: string; advice: string }[],
): SlipwayError {
  if (error) return SlipwayError.fromRecord(error);
  const advice = refusals.map((refusal) => refusal.advice).join(" ");
  return new SlipwayError("plan.refused", refusals.map((refusal) => refusal.reason).join(" "), { advice });
}

/** What a person says to a rollout at its approval gate. */
export type ApprovalWord = { readonly approvedBy: string } | "cancel";

/** Where the environment asks for it, a person has approved when it resolves; resolves with why not otherwise. */
export async function waitForApproval(run: Run, world: World, course: Course): Promise<ErrorRecord | undefined> {
  const approval = environmentSpecOf(course.release.environments, course.environment).promote?.approval;
  if (!approval || course.reason === "join" || course.reason === "correct") return undefined;
  const place = { rolloutId: course.rolloutId, step: "approve" as const };
  const note = (phase: "started" | "succeeded" | "failed", message: string) =>
    run.step(`approve ${phase}`, recordTimeoutMs, async () => {
      await world.timeline.append({ ...place, phase, message });
      // Cancelled before this gate was there to be told of it.
      return (await world.rollouts.get(course.rolloutId))?.cancelledBy !== undefined;
    });
  const isCancelled = await note("started", `waits for a person: slipway approve ${course.rolloutNumber}`);
  const word = isCancelled ? "cancel" : await run.gate<ApprovalWord>(approvalTopic, approval.timeoutMs);
  if (word === "cancel") {
    await note("failed", "cancelled");
    return cancelledRecord(course);
  }
  await note(word ? "succeeded" : "failed", word ? `approved by ${word.approvedBy}` : "nobody approved in time");
  if (word) return undefined;
  const error = new SlipwayError(
    "gate.expired",
    `Nobody approved rollout ${course.rolloutNumber} within ${approval.timeoutMs / 60_000} min.`,
  );
  return error.toRecord();
}

export const isRefusal = (error: ErrorRecord): boolean => errorCodes[error.code].kind === "refusal";
