import { bundleText } from "#core/bundle.ts";
import { type ErrorRecord, SlipwayError } from "#core/errors.ts";
import type { HostEnd } from "#core/rollout.ts";
import { outcomeOf } from "#engine/acts.ts";
import type { Run } from "#engine/run.ts";
import { bundleParts } from "#workflows/bundle-parts.ts";
import { isCancel } from "#workflows/cancelled.ts";
import type { Course } from "#workflows/course.ts";
import type { Releasing } from "#workflows/releasing.ts";
import { within } from "#workflows/within.ts";
import type { World } from "#workflows/world.ts";

/** Where a host's bundle is kept among the logs. */
export const bundleId = (rolloutId: string, host: string): string => `bundle/${rolloutId}/${host}`;

const keepTimeoutMs = 30_000;
/** A host that has vanished answers nothing: what is known without it is kept all the same. */
const learnTimeoutMs = 15_000;

/** Where all hosts of a switch or a canary are to blame, so many of them say why. */
export const mostBundles = 5;

/**
 * What a person needs to understand the failure is kept, whatever becomes of the host later. Fails nothing. A person who
 * cancels knows why.
 */
export async function keepBundle(run: Run, world: World, course: Course, end: HostEnd): Promise<void> {
  if (end.error && isCancel(end.error)) return;
  const kept = await outcomeOf(
    run.step(`bundle ${end.host}`, keepTimeoutMs, (signal) => keep(world, course, end, signal)),
  );
  if (kept.ok) return;
  const place = { rolloutId: course.rolloutId, step: "replace", host: end.host, direction: "forward" } as const;
  const message = world.mask(`no bundle of ${end.host} was kept: ${kept.error.message}`);
  const telling = run.step(`no bundle ${end.host}`, keepTimeoutMs, async () => {
    await world.timeline.append({ ...place, phase: "progress", message });
  });
  await outcomeOf(telling);
}

/** The same of the host that an act of several has named, or of some of those that it was about. */
export async function keepBundles(
  { run, world, course, visited }: Pick<Releasing, "run" | "world" | "course" | "visited">,
  error: ErrorRecord,
  hosts: readonly string[] = visited.map(({ host }) => host),
): Promise<void> {
  const wanted = error.host && hosts.includes(error.host) ? [error.host] : hosts.slice(0, mostBundles);
  for (const end of visited.filter(({ host }) => wanted.includes(host)))
    await keepBundle(run, world, course, { ...end, error });
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
