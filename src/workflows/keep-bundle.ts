import { bundleText } from "#core/bundle.ts";
import { SlipwayError } from "#core/errors.ts";
import type { HostEnd } from "#core/rollout.ts";
import type { Run } from "#engine/run.ts";
import { bundleParts } from "#workflows/bundle-parts.ts";
import type { Course } from "#workflows/course.ts";
import { within } from "#workflows/within.ts";
import type { World } from "#workflows/world.ts";

/** Where a host's bundle is kept among the logs. */
export const bundleId = (rolloutId: string, host: string): string => `bundle/${rolloutId}/${host}`;

const keepTimeoutMs = 30_000;
/** A host that has vanished answers nothing: what is known without it is kept all the same. */
const learnTimeoutMs = 15_000;

/** What a person needs to understand the failure is kept, whatever becomes of the host later. Fails nothing. */
export async function keepBundle(run: Run, world: World, course: Course, end: HostEnd): Promise<void> {
  try {
    await run.step(`bundle ${end.host}`, keepTimeoutMs, (signal) => keep(world, course, end, signal));
  } catch (thrown) {
    const place = { rolloutId: course.rolloutId, step: "replace", host: end.host, direction: "forward" } as const;
    const message = `no bundle of ${end.host} was kept: ${SlipwayError.from(thrown).message}`;
    await run.step(`no bundle ${end.host}`, keepTimeoutMs, async () => {
      await world.timeline.append({ ...place, phase: "progress", message: world.mask(message) });
    });
  }
}

async function keep(world: World, course: Course, end: HostEnd, signal: AbortSignal): Promise<void> {
  const late = () => new SlipwayError("deadline.exceeded", `No answer within ${learnTimeoutMs / 1000} s.`);
  const parts = await within(world, { timeoutMs: learnTimeoutMs, error: late }, signal, (inTime) =>
    bundleParts(world, course, end, inTime),
  );
  const id = bundleId(course.rolloutId, end.host);
  // A second try of the host, or of this step, replaces what the first one found.
  await world.logs.clear(id);
  await world.logs.append(id, bundleText(parts));
}
