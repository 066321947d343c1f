import type { BalancerAt } from "#ports/balancer.ts";
import type { Hold } from "#ports/records.ts";
import { isOthersWish } from "#workflows/balancing.ts";
import { balancersOf, type Course } from "#workflows/course.ts";
import { subjectOf } from "#workflows/give-back-drains.ts";
import type { World } from "#workflows/world.ts";

/** A balancer that forgot sends requests to a host that may have nothing to answer with: seconds are too long. */
const lookEveryMs = 500;

/**
 * While nothing is done to the hosts that this rollout holds drained - a person is asked, the others are being
 * prepared -, a balancer that was restarted and forgot its drains is told them again. Ends with `stop`.
 */
export function guardDrains(world: World, course: Course): { stop(): Promise<void> } {
  const end = new AbortController();
  const guard = async () => {
    for (;;) {
      await world.clock.sleep(lookEveryMs, end.signal);
      // A silent balancer forgets nothing by it: it is looked at again.
      await correct(world, course, end.signal).catch(() => "looked at again");
    }
  };
  const guarding = guard().catch(() => "ended by stop, as the sleep is");
  return {
    async stop() {
      end.abort(new Error("the hosts are somebody else's again"));
      await guarding;
    },
  };
}

async function correct(world: World, course: Course, signal: AbortSignal): Promise<void> {
  const held = (await world.holds.ofRollout(course.rolloutId)).filter(isOurDrain);
  if (held.length === 0) return;
  await Promise.all(balancersOf(course).map((at) => correctAt(world, course, { at, held }, signal)));
}

const isOurDrain = ({ kind, before }: Hold): boolean => kind === "drain" && !isOthersWish(before);

async function correctAt(
  world: World,
  course: Course,
  { at, held }: { at: BalancerAt; held: readonly Hold[] },
  signal: AbortSignal,
): Promise<void> {
  const seen = await world.balancer.look(at, signal);
  for (const { server, state } of seen) {
    const isHeld = held.some((hold) => hold.server === server && hold.subject === subjectOf(at, hold));
    if (!isHeld || state === "draining" || state === "maintenance") continue;
    await tell(world, course, `${at.balancer.name} forgot that ${server} is drained: it is drained again`);
    await world.balancer.drain(at, server, signal);
  }
}

const tell = (world: World, { rolloutId }: Course, message: string): Promise<unknown> =>
  world.timeline
    .append({ rolloutId, step: "hold", phase: "progress", message: world.mask(message) })
    .catch(() => "told next time");
