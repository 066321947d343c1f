import { type ErrorRecord, errorCodes, SlipwayError } from "#core/errors.ts";
import { planDifference } from "#core/plan-difference.ts";
import type { Release } from "#core/release.ts";
import { isFinal, isForward, isRepair, type Rollout } from "#core/rollout.ts";
import { environmentSpecOf } from "#core/service.ts";
import { outcomeOf } from "#engine/acts.ts";
import type { Run } from "#engine/run.ts";
import { act, type Doing } from "#workflows/act.ts";
import { cancelledRecord } from "#workflows/cancelled.ts";
import { runEnvFor, secretVersionsFor } from "#workflows/configuration-of-then.ts";
import { type Course, widenedGroup } from "#workflows/course.ts";
import { liveIn } from "#workflows/live-release.ts";
import { type ApprovalWord, approvalTopic, waitsToReplace } from "#workflows/make-way.ts";
import { groupOf, planRollout } from "#workflows/plan-rollout.ts";
import { predecessorOf } from "#workflows/predecessor.ts";
import type { World } from "#workflows/world.ts";

const recordTimeoutMs = 60_000;
const planTimeoutMs = 120_000;

/** The rollout runs from now on; false when a newer one or a person ended it while it waited. */
export const beginRollout = (run: Run, world: World, rolloutId: string): Promise<boolean> =>
  run.step("begin", recordTimeoutMs, async () => {
    const kept = await world.rollouts.get(rolloutId);
    if (!kept || isFinal(kept.state)) return false;
    const live = (await liveIn(world, kept))?.release.number;
    const previous = live === undefined ? {} : { previousRelease: live };
    // Hosts that join or are put right get what is live now, not what was when they were asked to.
    const release = isRepair(kept.reason) ? (live ?? kept.release) : kept.release;
    const startedAt = kept.startedAt ?? new Date(world.clock.now()).toISOString();
    // One that a person or a newer one ended in this very moment stays ended.
    const { state } = await world.rollouts.update(rolloutId, { state: "running", startedAt, release, ...previous });
    return state === "running";
  });

/** The course that was decided on; with a refusal or the world's failure beside it when it must not be taken. */
export type Planned = { readonly course?: Course; readonly error?: ErrorRecord };

/** Looks, decides and records the plan; nothing was touched when it resolves. */
export async function planCourse(run: Run, world: World, rolloutId: string): Promise<Planned> {
  const planning = act(
    run,
    world,
    { rolloutId, step: "plan" },
    { timeoutMs: planTimeoutMs, doing: (doing) => planOnce(world, rolloutId, doing) },
  );
  const outcome = await outcomeOf(planning);
  return outcome.ok ? outcome.value : { error: outcome.error };
}

async function planOnce(world: World, rolloutId: string, { signal, progress }: Doing): Promise<Planned> {
  const { kept, release } = await recorded(world, rolloutId);
  const predecessor = await predecessorOf(world, kept);
  const planning = await outcomeOf(courseOf(world, { kept, release, predecessor }, signal));
  signal.throwIfAborted();
  // Nobody else puts back what a superseded rollout left half done.
  if (!planning.ok)
    return { course: heirsCourse({ kept, release, predecessor }, planning.error), error: planning.error };
  const course = planning.value;
  const shown = kept.plan ?? kept.shownPlan;
  for (const words of shown ? planDifference(shown, course.plan) : []) progress(`planned again: ${words}`);
  const { plan, secretVersions, runEnv } = course;
  const { cancelledBy } = await world.rollouts.update(rolloutId, { plan, secretVersions, runEnv });
  if (cancelledBy !== undefined) return { course, error: cancelledRecord(course) };
  const [refusal] = plan.refusals;
  if (!refusal) return { course };
  const error = refused(refusal.error, plan.refusals);
  if (course.inherited.length > 0) return { course, error: error.toRecord() };
  throw error;
}

async function recorded(world: World, rolloutId: string) {
  const kept = await world.rollouts.get(rolloutId);
  const release = kept && (await world.releases.get(kept.service, kept.release));
  if (!kept || !release) throw new SlipwayError("not.found", "The release of this rollout is not recorded.");
  return { kept, release };
}

type Asked = { readonly kept: Rollout; readonly release: Release; readonly predecessor: Rollout | undefined };

async function courseOf(world: World, { kept, release, predecessor }: Asked, signal: AbortSignal): Promise<Course> {
  const { environment, reason, onlyHosts } = kept;
  const inherited = predecessor?.touched ?? [];
  const { group, network } = groupOf(world, release.service, environment);
  const prometheus = world.fleet().environments[environment]?.prometheus;
  const what = { release, environment, reason, inherited, ...(onlyHosts ? { onlyHosts } : {}) };
  const before = predecessor?.touchedAt?.group;
  return {
    ...whoAndWhat({ kept, release, predecessor }),
    network,
    // What the predecessor changed can be put back on a host that has left fleet.yaml since.
    group: before ? widenedGroup(group, before) : group,
    secretVersions: await secretVersionsFor(world, kept, release),
    runEnv: await runEnvFor(world, kept, { release, group }),
    plan: await planRollout(world, what, signal),
    ...(prometheus === undefined ? {} : { prometheus }),
  };
}

/** Enough to put back what the predecessor changed, where no plan of its own can be made; throws without one. */
function heirsCourse(asked: Asked, error: ErrorRecord): Course {
  const { predecessor } = asked;
  if (!predecessor?.touchedAt || !predecessor.plan) throw SlipwayError.fromRecord(error);
  const plan = { ...predecessor.plan, batches: [], skipped: [] };
  return { ...whoAndWhat(asked), ...predecessor.touchedAt, secretVersions: {}, runEnv: {}, plan };
}

const whoAndWhat = ({ kept, release, predecessor }: Asked) => ({
  rolloutId: kept.id,
  rolloutNumber: kept.number,
  reason: kept.reason,
  release,
  environment: kept.environment,
  inherited: predecessor?.touched ?? [],
  ...(kept.previousRelease === undefined ? {} : { previousRelease: kept.previousRelease }),
});

function refused(
  error: ErrorRecord | undefined,
  refusals: readonly { reason: string; advice: string }[],
): SlipwayError {
  if (error) return SlipwayError.fromRecord(error);
  const advice = refusals.map((refusal) => refusal.advice).join(" ");
  return new SlipwayError("plan.refused", refusals.map((refusal) => refusal.reason).join(" "), { advice });
}

/**
 * Where the environment asks for it, a person has approved when it resolves, and the plan was made again: the world did
 * not wait. With the error beside the course when nobody approved, or what was planned must not be done any more.
 */
export async function approvedCourse(run: Run, world: World, planned: Planned): Promise<Planned> {
  const { course, error } = planned;
  if (!course || error) return planned;
  const approval = environmentSpecOf(course.release.environments, course.environment).promote?.approval;
  if (!approval || !isForward(course.reason)) return planned;
  const refusal = await waitForApproval(run, world, { course, timeoutMs: approval.timeoutMs });
  return refusal ? { course, error: refusal } : planCourse(run, world, course.rolloutId);
}

type Approval = { readonly course: Course; readonly timeoutMs: number };

async function waitForApproval(run: Run, world: World, { course, timeoutMs }: Approval) {
  const place = { rolloutId: course.rolloutId, step: "approve" as const };
  const note = (phase: "started" | "succeeded" | "failed", message: string) =>
    run.step(`approve ${phase}`, recordTimeoutMs, async (): Promise<ApprovalWord | null> => {
      await world.timeline.append({ ...place, phase, message });
      return phase === "started" ? saidBefore(world, course) : null;
    });
  const said = await note("started", `waits for a person: slipway approve ${course.rolloutNumber}`);
  const word = said ?? (await run.gate<ApprovalWord>(approvalTopic, timeoutMs));
  if (word === undefined) {
    await note("failed", "nobody approved in time");
    return notApproved(course, timeoutMs);
  }
  if (word === "cancel") {
    await note("failed", "cancelled");
    return cancelledRecord(course);
  }
  if ("newer" in word) {
    await note("failed", `rollout ${word.newer} takes its place`);
    await run.step("make way", recordTimeoutMs, async () => {
      await world.rollouts.update(course.rolloutId, { supersededBy: word.newer });
    });
    return replacedBy(course, word.newer);
  }
  await note("succeeded", `approved by ${word.approvedBy}`);
  return undefined;
}

/** What was said before this gate was there to hear it. */
async function saidBefore(world: World, { rolloutId }: Course): Promise<ApprovalWord | null> {
  const kept = await world.rollouts.get(rolloutId);
  if (kept?.cancelledBy !== undefined) return "cancel";
  const newer = kept && (await waitsToReplace(world, kept));
  return newer ? { newer: newer.number } : null;
}

const notApproved = ({ rolloutNumber }: Course, timeoutMs: number): ErrorRecord =>
  new SlipwayError(
    "gate.expired",
    `Nobody approved rollout ${rolloutNumber} within ${timeoutMs / 60_000} min.`,
  ).toRecord();

const replacedBy = ({ rolloutNumber }: Course, newer: number): ErrorRecord =>
  new SlipwayError(
    "rollout.superseded",
    `Rollout ${newer} takes the place of rollout ${rolloutNumber}, which waited for an approval.`,
  ).toRecord();

export const isRefusal = (error: ErrorRecord): boolean => errorCodes[error.code].kind === "refusal";
