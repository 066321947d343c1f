import { SlipwayError } from "#core/errors.ts";
import type { Run } from "#engine/run.ts";
import type { Course } from "#workflows/course.ts";
import { rollout } from "#workflows/rollout.ts";
import type { World } from "#workflows/world.ts";

const recordTimeoutMs = 60_000;

/** A rollout of the release that was live before waits behind this one, and starts when it has ended. */
export async function startRollBack(run: Run, world: World, course: Course, { by }: { by: string }): Promise<void> {
  const { release, environment, previousRelease, rolloutId } = course;
  const place = { service: release.service, environment };
  const id = await run.step("roll back", recordTimeoutMs, async () => {
    if (previousRelease === undefined)
      throw new SlipwayError("release.none", `${release.service} has no earlier good release in ${environment}.`);
    const key = `${rolloutId}/roll-back`;
    const made = await world.rollouts.create({ ...place, key, release: previousRelease, reason: "rollback", by });
    return made.id;
  });
  const partition = `${environment}/${release.service}`;
  await run.child(rollout(world), id, { rolloutId: id }, { queue: "rollouts", partition });
}
