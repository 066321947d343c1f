import type { Run } from "#engine/run.ts";
import { act } from "#workflows/act.ts";
import type { Course } from "#workflows/course.ts";
import type { World } from "#workflows/world.ts";

const holdTimeoutMs = 60_000;
/** Longer than any rollout of 200 hosts; the end of the rollout gives it back long before. */
const lockLeaseMs = 6 * 60 * 60_000;

/** The environment is locked for this rollout. */
export const takeHolds = (run: Run, world: World, course: Course): Promise<void> =>
  act(
    run,
    world,
    { rolloutId: course.rolloutId, step: "hold" },
    {
      timeoutMs: holdTimeoutMs,
      async doing() {
        await world.holds.take({
          id: `${course.rolloutId}/lock`,
          kind: "environment-lock",
          rolloutId: course.rolloutId,
          subject: `${course.environment}/${course.release.service}`,
          before: "free",
          until: new Date(world.clock.now() + lockLeaseMs).toISOString(),
        });
      },
    },
  );

/** The lock is given back. Drains whose host could not be put back stay recorded: the next rollout restores them. */
export const releaseHolds = (run: Run, world: World, course: Course): Promise<void> =>
  run.step("release holds", holdTimeoutMs, () => world.holds.release(`${course.rolloutId}/lock`));
