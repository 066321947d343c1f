import { SlipwayError } from "#core/errors.ts";
import type { Hold } from "#ports/records.ts";
import { personsLock } from "#workflows/persons-lock.ts";
import { groupOf } from "#workflows/plan-rollout.ts";
import type { Application } from "./application.ts";

export type LockWish = {
  readonly service: string;
  readonly environment: string;
  readonly reason?: string | undefined;
  readonly forMs: number;
  readonly by?: string | undefined;
};

export type Lock = Pick<Hold, "service" | "environment" | "until"> & { readonly by: string };

/** No rollout starts there until the lock ends or is taken away; what runs already goes on. */
export async function lockPlace({ world, changes }: Application, wish: LockWish): Promise<Lock> {
  const { service, environment, reason, forMs, by = "a person with the token" } = wish;
  groupOf(world, service, environment);
  const before = await personsLock(world, { service, environment });
  if (before && before.by !== undefined && !before.by.startsWith(by))
    throw new SlipwayError(
      "place.locked",
      `${environment}/${service} is locked by ${before.by} until ${before.until}.`,
    );
  const lock: Hold = {
    id: lockId(service, environment),
    kind: "environment-lock",
    rolloutId: "",
    service,
    environment,
    subject: `${environment}/${service}`,
    before: "free",
    by: reason ? `${by}: ${reason}` : by,
    until: new Date(world.clock.now() + forMs).toISOString(),
  };
  await world.holds.take(lock);
  changes.tell("overview");
  return { service, environment, until: lock.until, by: lock.by ?? by };
}

/** Rollouts may start there again. Safe where it was not locked. */
export async function unlockPlace(
  { world, changes }: Application,
  { service, environment }: { service: string; environment: string },
): Promise<{ readonly service: string; readonly environment: string }> {
  groupOf(world, service, environment);
  await world.holds.release(lockId(service, environment));
  changes.tell("overview");
  return { service, environment };
}

const lockId = (service: string, environment: string): string => `lock/${environment}/${service}`;
