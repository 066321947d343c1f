import { SlipwayError } from "#core/errors.ts";
import type { AutoscalingSpec } from "#core/fleet.ts";
import type { Run } from "#engine/run.ts";
import type { Hold, HoldKind } from "#ports/records.ts";
import { act, type Doing } from "#workflows/act.ts";
import type { Course } from "#workflows/course.ts";
import { giveBackHold, holdSilent } from "#workflows/give-back-hold.ts";
import { leaseEnd, renewEveryMs } from "#workflows/leases.ts";
import type { World } from "#workflows/world.ts";

/** Longer than any pause: a rollout that hangs for longer than this holds nothing any more. */
const longestMs = 7 * 24 * 60 * 60_000;
const holdTimeoutMs = 3 * 60_000;

/**
 * The environment is locked for this rollout, autoscaling holds still, and nobody is woken by it: each a lease that was
 * recorded before it was taken. Alerts that cannot be silenced stop nothing; autoscaling that cannot be held does.
 */
export const takeHolds = (run: Run, world: World, course: Course): Promise<void> =>
  act(run, world, place(course), {
    timeoutMs: holdTimeoutMs,
    async doing(doing) {
      await world.holds.take(holdOf(world, course, { kind: "environment-lock", name: "lock", before: "free" }));
      for (const group of course.group.autoscaling ?? []) await suspend(world, course, { group, doing });
      for (const spec of course.group.alerts ?? []) {
        const hold = holdOf(world, course, { kind: "alerts", name: spec.name, before: "heard" });
        await world.holds.take(hold);
        await trySilence(world, course, hold, doing);
      }
    },
  });

/** While the rollout's process lives its leases are renewed; `stop` resolves when the last renewal has ended. */
export function keepHolds(world: World, course: Course): { stop(): Promise<void> } {
  const end = new AbortController();
  const keeping = (async () => {
    for (let heldMs = 0; heldMs < longestMs; heldMs += renewEveryMs) {
      await world.clock.sleep(renewEveryMs, end.signal);
      await renew(world, course, end.signal);
    }
  })().catch(() => "ended by stop, as the sleep is");
  return {
    async stop() {
      end.abort(new Error("the rollout has ended"));
      await keeping;
    },
  };
}

/**
 * What was held is given back, in the reverse order. What cannot be now is left to the reaper, and so are drains of
 * hosts that could not be put back.
 */
export const releaseHolds = (run: Run, world: World, course: Course): Promise<void> =>
  run.step("release holds", holdTimeoutMs, async (signal) => {
    const held = (await world.holds.ofRollout(course.rolloutId)).filter(({ kind }) => kind !== "drain");
    for (const hold of held.toSorted((a, b) => order.indexOf(b.kind) - order.indexOf(a.kind))) {
      try {
        await giveBackHold(world, hold, signal);
      } catch (thrown) {
        signal.throwIfAborted();
        const message = world.mask(`${hold.subject}: ${SlipwayError.from(thrown).message} The reaper tries again.`);
        await world.timeline.append({ ...place(course), phase: "progress", message });
      }
    }
  });

/** In which they are taken. */
const order: readonly HoldKind[] = ["environment-lock", "autoscaling", "alerts"];

const place = ({ rolloutId }: Course) => ({ rolloutId, step: "hold" as const });

type HoldPart = { readonly kind: HoldKind; readonly name: string; readonly before: string };

const holdOf = (world: World, { rolloutId, environment, release }: Course, part: HoldPart): Hold => ({
  id: `${rolloutId}/${part.name}`,
  kind: part.kind,
  rolloutId,
  service: release.service,
  environment,
  subject: part.kind === "environment-lock" ? `${environment}/${release.service}` : part.name,
  before: part.before,
  until: leaseEnd(world),
});

/** What somebody else had suspended is recorded first: it stays so when this is given back. */
async function suspend(
  world: World,
  course: Course,
  { group, doing }: { group: AutoscalingSpec; doing: Doing },
): Promise<void> {
  const before = await world.autoscaling.suspended(group, doing.signal);
  const part = { kind: "autoscaling" as const, name: group.name, before: JSON.stringify(before) };
  await world.holds.take(holdOf(world, course, part));
  await world.autoscaling.suspend(group, doing.signal);
  doing.progress(`${group.name} holds still`);
}

async function trySilence(world: World, course: Course, hold: Hold, { signal, progress }: Doing): Promise<void> {
  try {
    await holdSilent(world, course, hold, signal);
    progress(`${hold.subject} is silent`);
  } catch (thrown) {
    signal.throwIfAborted();
    progress(`${hold.subject}: ${SlipwayError.from(thrown).message} The rollout goes on.`);
  }
}

/** A renewal that fails is tried again in time: the lease is several times as long. */
async function renew(world: World, course: Course, signal: AbortSignal): Promise<void> {
  try {
    await world.holds.renew(course.rolloutId, leaseEnd(world));
    const held = await world.holds.ofRollout(course.rolloutId);
    for (const hold of held.filter(({ kind }) => kind === "alerts")) await holdSilent(world, course, hold, signal);
  } catch (thrown) {
    const message = world.mask(`a lease could not be renewed: ${SlipwayError.from(thrown).message}`);
    if (!signal.aborted) await world.timeline.append({ ...place(course), phase: "progress", message }).catch(() => {});
  }
}
