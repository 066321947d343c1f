import { type ErrorRecord, errorCodes, SlipwayError } from "#core/errors.ts";
import { isFinal } from "#core/rollout.ts";
import { environmentSpecOf } from "#core/service.ts";
import { outcomeOf } from "#engine/acts.ts";
import type { Run } from "#engine/run.ts";
import { act } from "#workflows/act.ts";
import { balancersOf, type Course } from "#workflows/course.ts";
import { planRollout } from "#workflows/plan-rollout.ts";
import type { World } from "#workflows/world.ts";

const recordTimeoutMs = 60_000;
const planTimeoutMs = 120_000;
const lookTimeoutMs = 60_000;

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
    const startedAt = kept.startedAt ?? new Date(world.clock.now()).toISOString();
    await world.rollouts.update(rolloutId, { state: "running", startedAt, ...previous });
    return true;
  });

/** The course that was decided on, or why there is none; nothing was touched either way. */
export async function planCourse(run: Run, world: World, rolloutId: string): Promise<Course | { error: ErrorRecord }> {
  const planning = act(
    run,
    world,
    { rolloutId, step: "plan" },
    {
      timeoutMs: planTimeoutMs,
      async doing({ signal }): Promise<Course> {
        const kept = await world.rollouts.get(rolloutId);
        const release = kept && (await world.releases.get(kept.service, kept.release));
        if (!kept || !release)
          throw new SlipwayError("not.found", `The release of rollout ${rolloutId} is not recorded.`);
        const { environment, reason } = kept;
        const { plan, group, network } = await planRollout(world, { release, environment, reason }, signal);
        await world.rollouts.update(rolloutId, { plan });
        const refusal = plan.refusals[0];
        if (refusal) throw refused(refusal.error, plan.refusals);
        return { rolloutId, rolloutNumber: kept.number, release, environment, network, group, plan };
      },
    },
  );
  const outcome = await outcomeOf(planning);
  return outcome.ok ? outcome.value : { error: outcome.error };
}

function refused(
  error: ErrorRecord | undefined,
  refusals: readonly { reason: string; advice: string }[],
): SlipwayError {
  if (error) return SlipwayError.fromRecord(error);
  const advice = refusals.map((refusal) => refusal.advice).join(" ");
  return new SlipwayError("plan.refused", refusals.map((refusal) => refusal.reason).join(" "), { advice });
}

/** Where the environment asks for it, a person has approved when it resolves; resolves with why not otherwise. */
export async function waitForApproval(run: Run, world: World, course: Course): Promise<ErrorRecord | undefined> {
  const approval = environmentSpecOf(course.release.environments, course.environment).promote?.approval;
  if (!approval) return undefined;
  const place = { rolloutId: course.rolloutId, step: "approve" as const };
  const note = (phase: "started" | "succeeded" | "failed", message: string) =>
    run.step(
      `approve ${phase}`,
      recordTimeoutMs,
      async () => void (await world.timeline.append({ ...place, phase, message })),
    );
  await note("started", `waits for a person: slipway approve ${course.rolloutNumber}`);
  const by = await run.gate<string>(approvalTopic, approval.timeoutMs);
  await note(
    by === undefined ? "failed" : "succeeded",
    by === undefined ? "nobody approved in time" : `approved by ${by}`,
  );
  if (by !== undefined) return undefined;
  const error = new SlipwayError(
    "gate.expired",
    `Nobody approved rollout ${course.rolloutNumber} within ${approval.timeoutMs / 60_000} min.`,
  );
  return error.toRecord();
}

/** Whether a person has asked for the end; looked at between batches, where nothing is half done. */
export const isCancelled = (run: Run, world: World, course: Course, batch: number): Promise<boolean> =>
  run.step(
    `gate ${batch}`,
    recordTimeoutMs,
    async () => (await world.rollouts.get(course.rolloutId))?.cancelledBy !== undefined,
  );

/**
 * Hosts that went out of service by themselves since the plan count: a batch that would now leave too few in service
 * is not begun.
 */
export const refuseLostCapacity = (run: Run, world: World, course: Course, index: number): Promise<void> =>
  run.step(`capacity ${index}`, lookTimeoutMs, async (signal) => {
    const batch = new Set(course.plan.batches[index]?.hosts.map((host) => host.name));
    const serverOf = new Map(course.group.hosts.map((host) => [host.name, host.server]));
    for (const at of balancersOf(course)) {
      const serving = new Set(
        (await world.balancer.look(at, signal))
          .filter((sight) => sight.state === "in-service")
          .map((sight) => sight.server),
      );
      const names = course.group.hosts
        .map((host) => host.name)
        .filter((name) => serving.has(serverOf.get(name) ?? name));
      const left = names.filter((name) => !batch.has(name)).length;
      const takesOut = names.length - left;
      if (takesOut > 0 && left < course.plan.minHealthy)
        throw new SlipwayError(
          "capacity.lost",
          `Batch ${index + 1} would leave ${left} hosts in service at ${at.balancer.name}; ${course.plan.minHealthy} are asked for.`,
        );
    }
  });

export const isRefusal = (error: ErrorRecord): boolean => errorCodes[error.code].kind === "refusal";
