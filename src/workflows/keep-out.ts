import { SlipwayError } from "#core/errors.ts";
import type { Run } from "#engine/run.ts";
import { act } from "#workflows/act.ts";
import { drainHost } from "#workflows/balancing.ts";
import { type Course, hostNamed, placeAt, portsOf, rolloutSpecOf } from "#workflows/course.ts";
import type { World } from "#workflows/world.ts";

const keepOutTimeoutMs = 60_000;
/** Nothing answers there: what is still in flight is lost already, and nobody waits for it. */
const drainTimeoutMs = 5_000;

/**
 * A host that is left out because it cannot be reached gets no traffic when it comes back with what it ran before:
 * it is drained at every balancer until it has joined.
 */
export async function keepOut(run: Run, world: World, course: Course): Promise<void> {
  const { skipped } = course.plan;
  if (skipped.length === 0) return;
  const spec = { ...rolloutSpecOf(course), drainTimeoutMs, onDrainTimeout: "stop" as const };
  await act(
    run,
    world,
    { rolloutId: course.rolloutId, step: "hold" },
    {
      timeoutMs: keepOutTimeoutMs,
      async doing(doing) {
        const places = skipped.flatMap((name) =>
          portsOf(course).map((port) => placeAt(course, hostNamed(course, name), port)),
        );
        const drains = await Promise.allSettled(
          places.map((place) => drainHost(world, course, place, { ...doing, spec })),
        );
        for (const [index, drain] of drains.entries())
          if (drain.status === "rejected")
            doing.progress(`${places[index]?.name} stays as it is: ${SlipwayError.from(drain.reason).message}`);
      },
    },
  );
}
