import { SlipwayError } from "#core/errors.ts";
import type { AlertsSpec, AutoscalingSpec } from "#core/fleet.ts";
import type { Run } from "#engine/run.ts";
import type { Hold, HoldKind } from "#ports/records.ts";
import { act, type Doing } from "#workflows/act.ts";
import type { Course } from "#workflows/course.ts";
import { autoscalingSubject, giveBackHold, holdSilent, isSameAutoscaling } from "#workflows/give-back-hold.ts";
import { leaseEnd, renewEveryMs } from "#workflows/leases.ts";
import { isDeadline } from "#workflows/within.ts";
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
      const { environment, release, group } = course;
      const subject = `${environment}/${release.service}`;
      await world.holds.take(
        holdOf(world, course, { kind: "environment-lock", name: "lock", subject, before: "free" }),
      );
      for (const spec of group.autoscaling ?? []) await suspend(world, course, { spec, doing });
      await Promise.all((group.alerts ?? []).map((spec) => silence(world, course, { spec, doing })));
    },
  });

/**
 * While the rollout's process lives its leases are renewed, at once after a restart of the server; `stop` resolves when
 * the last renewal has ended.
 */
export function keepHolds(world: World, course: Course): { stop(): Promise<void> } {
  const end = new AbortController();
  const keeping = (async () => {
    for (let heldMs = 0; heldMs < longestMs; heldMs += renewEveryMs) {
      await renew(world, course, end.signal);
      await world.clock.sleep(renewEveryMs, end.signal);
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
    for (const kind of order.toReversed())
      await Promise.all(held.filter((hold) => hold.kind === kind).map((hold) => tryGivingBack(world, hold, signal)));
  });

/** In which they are taken. */
const order: readonly HoldKind[] = ["environment-lock", "autoscaling", "alerts"];

async function tryGivingBack(world: World, hold: Hold, signal: AbortSignal): Promise<void> {
  try {
    await giveBackHold(world, hold, { signal });
  } catch (thrown) {
    // The rollout has come to its end already: a deadline here must not make another one of it.
    if (signal.aborted && !isDeadline(signal)) throw thrown;
    const message = world.mask(`${hold.subject}: ${SlipwayError.from(thrown).message} The reaper tries again.`);
    await world.timeline.append({ ...place(hold), phase: "progress", message });
  }
}

const place = ({ rolloutId }: Pick<Hold, "rolloutId">) => ({ rolloutId, step: "hold" as const });

type HoldPart = Pick<Hold, "kind" | "subject" | "before" | "alerts" | "autoscaling"> & { readonly name: string };

const holdOf = (world: World, course: Course, { name, ...part }: HoldPart): Hold => ({
  // An autoscaling group may be called as an entry of alerts is, or "lock".
  id: `${course.rolloutId}/${part.kind}/${name}`,
  rolloutId: course.rolloutId,
  service: course.release.service,
  environment: course.environment,
  until: leaseEnd(world),
  words: `rollout ${course.rolloutNumber} of ${course.release.service} r${course.release.number}`,
  ...part,
});

/**
 * What somebody else had suspended is recorded first: it stays so when this is given back. What another of our rollouts
 * suspended and has not given back yet was not suspended before.
 */
async function suspend(
  world: World,
  course: Course,
  { spec, doing }: { spec: AutoscalingSpec; doing: Doing },
): Promise<void> {
  const { name } = spec;
  const held = { subject: name, autoscaling: spec };
  await world.oneAtATime(autoscalingSubject(held), async () => {
    const isLeft = (hold: Hold) => hold.rolloutId !== course.rolloutId && isSameAutoscaling(hold, held);
    const left = (await world.holds.all()).find(isLeft);
    const before = left?.before ?? JSON.stringify(await world.autoscaling.suspended(spec, doing.signal));
    await world.holds.take(holdOf(world, course, { kind: "autoscaling", name, before, ...held }));
    await world.autoscaling.suspend(spec, doing.signal);
  });
  doing.progress(`${name} holds still`);
}

async function silence(
  world: World,
  course: Course,
  { spec, doing }: { spec: AlertsSpec; doing: Doing },
): Promise<void> {
  const { name } = spec;
  const hold = holdOf(world, course, { kind: "alerts", name, subject: name, before: "heard", alerts: spec });
  await world.holds.take(hold);
  try {
    await holdSilent(world, hold, { signal: doing.signal, isRenewal: false });
    doing.progress(`${name} is silent`);
  } catch (thrown) {
    doing.signal.throwIfAborted();
    doing.progress(`${name}: ${SlipwayError.from(thrown).message} The rollout goes on.`);
  }
}

/** A renewal that fails is tried again in time: the lease is several times as long. One that fails stops no other. */
async function renew(world: World, course: Course, signal: AbortSignal): Promise<void> {
  const tell = async (what: string, thrown: unknown) => {
    if (signal.aborted) return;
    const message = world.mask(`${what} could not be renewed: ${SlipwayError.from(thrown).message}`);
    await world.timeline.append({ ...place(course), phase: "progress", message }).catch(() => {});
  };
  try {
    await world.holds.renew(course.rolloutId, leaseEnd(world));
    const held = await world.holds.ofRollout(course.rolloutId);
    const silent = held.filter(({ kind }) => kind === "alerts");
    await Promise.all(
      silent.map((hold) =>
        holdSilent(world, hold, { signal, isRenewal: true }).catch((thrown) =>
          tell(`the silence of ${hold.subject}`, thrown),
        ),
      ),
    );
  } catch (thrown) {
    await tell("a lease", thrown);
  }
}
