import { SlipwayError } from "#core/errors.ts";
import type { Hold } from "#ports/records.ts";
import { lockWords } from "#workflows/persons-lock.ts";
import { groupOf } from "#workflows/plan-rollout.ts";
import type { Application } from "./application.ts";

type Place = { readonly service: string; readonly environment: string };

export type LockWish = Place & {
  readonly reason?: string | undefined;
  readonly forMs: number;
  readonly by?: string | undefined;
};

export type Lock = Place & { readonly until: string; readonly by: string; readonly reason?: string };

type Desk = Pick<Application, "world" | "changes">;

const somebody = "a person with the token";
/** Somebody else may lock it in the very same moment, and then once more. */
const triesToTake = 3;

/** No rollout starts there until the lock ends or is taken away; what runs already goes on. */
export async function lockPlace({ world, changes }: Desk, wish: LockWish): Promise<Lock> {
  const { service, environment, reason, forMs, by = somebody } = wish;
  groupOf(world, service, environment);
  const until = new Date(world.clock.now() + forMs).toISOString();
  const lock = { service, environment, until, by, ...(reason ? { reason } : {}) };
  await take(world, lock);
  await note(world, lock, `${by} locked it until ${until}${reason ? `: ${reason}` : ""}`);
  changes.tell("overview");
  return lock;
}

/** Rollouts may start there again. Safe where it was not locked. Whoever does it is recorded. */
export async function unlockPlace({ world, changes }: Desk, wish: Place & { by?: string | undefined }): Promise<Place> {
  const { service, environment, by = somebody } = wish;
  groupOf(world, service, environment);
  const kept = await keptLock(world, wish);
  if (kept && (await world.holds.release(kept.id)))
    await note(world, wish, `${by} unlocked it; it was locked by ${lockWords(kept)}`);
  changes.tell("overview");
  return { service, environment };
}

/** Who locked and unlocked the place, oldest first, as a log. */
export const lockLogId = ({ environment, service }: Place): string => `locks/${environment}/${service}`;

/** One's own lock is moved, and one that has ended is nobody's any more. */
async function take(world: Application["world"], wish: Lock): Promise<void> {
  for (let tries = 0; tries < triesToTake; tries++) {
    const kept = await keptLock(world, wish);
    if (kept && kept.by !== wish.by && Date.parse(kept.until) > world.clock.now()) throw locked(kept);
    if (await world.holds.replace(holdOf(wish), kept)) return;
  }
  throw new SlipwayError("place.locked", `${wish.environment}/${wish.service} is being locked by others.`);
}

const locked = (kept: Hold): SlipwayError =>
  new SlipwayError("place.locked", `${kept.environment}/${kept.service} is locked by ${lockWords(kept)}.`);

const holdOf = ({ service, environment, ...rest }: Lock): Hold => ({
  id: lockId({ service, environment }),
  kind: "environment-lock",
  rolloutId: "",
  service,
  environment,
  subject: `${environment}/${service}`,
  before: "free",
  ...rest,
});

/** Also one that has ended and that nobody has cleared away yet. */
const keptLock = async ({ holds }: Application["world"], place: Place): Promise<Hold | undefined> =>
  (await holds.all()).find(({ id }) => id === lockId(place));

const lockId = ({ service, environment }: Place): string => `lock/${environment}/${service}`;

const note = ({ clock, logs, mask }: Application["world"], place: Place, words: string): Promise<void> =>
  logs.append(lockLogId(place), `${new Date(clock.now()).toISOString()} ${mask(words)}\n`);
