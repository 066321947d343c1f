import { SlipwayError } from "#core/errors.ts";
import { cancelledRecord } from "#workflows/cancelled.ts";
import type { Ending } from "#workflows/decide.ts";
import type { Releasing } from "#workflows/releasing.ts";

const recordTimeoutMs = 60_000;

/**
 * From here on the rollout can no longer be cancelled, and whoever asks for it is told so. A cancel that was there first
 * counts, and so does that no host is left which runs the release.
 */
export async function close({ run, world, course, visited }: Releasing): Promise<Ending | undefined> {
  const { upToDate, batches } = course.plan;
  if (visited.length === 0 && upToDate.length === 0 && batches.length > 0) return noneLeft(course.release.number);
  const isCancelled = await run.step("close", recordTimeoutMs, async () => {
    const before = await world.rollouts.get(course.rolloutId);
    if (before?.isEnding) return false;
    const { cancelledBy } = await world.rollouts.update(course.rolloutId, { isEnding: true });
    return cancelledBy !== undefined;
  });
  return isCancelled ? { kind: "put-back", error: cancelledRecord(course) } : undefined;
}

const noneLeft = (release: number): Ending => ({
  kind: "put-back",
  error: new SlipwayError(
    "hosts.none-left",
    `Every host was left out: none of them runs release ${release}.`,
  ).toRecord(),
});
