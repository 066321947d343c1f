import type { HostEnd } from "#core/rollout.ts";
import type { Run } from "#engine/run.ts";
import type { Course } from "#workflows/course.ts";
import type { World } from "#workflows/world.ts";

/** Where a host's bundle is kept among the logs. */
export const bundleId = (rolloutId: string, host: string): string => `bundle/${rolloutId}/${host}`;

/** What a person needs to understand the failure is kept, whatever becomes of the host later. Fails nothing. */
export async function keepBundle(_run: Run, _world: World, _course: Course, _end: HostEnd): Promise<void> {}
