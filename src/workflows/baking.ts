import { SlipwayError } from "#core/errors.ts";
import type { HostSpec } from "#core/fleet.ts";
import type { Doing } from "#workflows/act.ts";
import { sightOf } from "#workflows/balancing.ts";
import { balancersOf, type Course } from "#workflows/course.ts";
import type { World } from "#workflows/world.ts";

/** How often a host in its bake is looked at. */
const lookEveryMs = 500;
/** A single bad look may be the look's own fault; this many in a row are not. */
const badLooksAllowed = 2;
/** So many answers say something about a share of them. */
const fewestAnswers = 20;

export type Bake = {
  readonly host: HostSpec;
  readonly bakeMs: number;
  /** More of its answers than this must not fail meanwhile. */
  readonly maxErrorPercent: number;
  /** What its own health check complains of. */
  readonly look: (signal: AbortSignal) => Promise<string | undefined>;
};

/** Healthy and in service at every balancer for the whole time, without an error burst; looked at again and again. */
export async function bakeHost(
  world: World,
  course: Course,
  bake: Bake,
  { signal, progress }: Pick<Doing, "signal" | "progress">,
): Promise<void> {
  const { host, bakeMs, look } = bake;
  const endsAt = world.clock.now() + bakeMs;
  const patience = new Patience();
  const burst = new Burst(bake);
  for (;;) {
    const complaint = (await look(signal)) ?? (await complaintOfBalancers(world, course, host, { signal, burst }));
    if (patience.isOver(complaint))
      throw new SlipwayError("check.unhealthy", `${host.name} went bad after it was admitted: ${complaint}`);
    if (!complaint && world.clock.now() >= endsAt) return;
    progress(complaint ?? "healthy");
    const leftMs = complaint ? lookEveryMs : endsAt - world.clock.now();
    await world.clock.sleep(Math.max(0, Math.min(lookEveryMs, leftMs)), signal);
  }
}

/** Counts complaints in a row. */
export class Patience {
  #bad = 0;

  isOver(complaint: string | undefined): boolean {
    this.#bad = complaint ? this.#bad + 1 : 0;
    return this.#bad > badLooksAllowed;
  }
}

/**
 * What the balancers say of the host now; undefined when it serves at all of them. A server that somebody took out of
 * service on purpose after it was admitted is not our failure.
 */
export async function complaintOfBalancers(
  world: World,
  course: Course,
  host: HostSpec,
  { signal, burst }: { signal: AbortSignal; burst?: Burst },
): Promise<string | undefined> {
  for (const at of balancersOf(course)) {
    const { state, reason, served, balancerStartedAt = "" } = await sightOf(world, at, host, signal);
    if (state === "down" || state === "checking") return `${at.balancer.name} has it as ${state} (${reason})`;
    if (served) burst?.see(`${at.balancer.name} since ${balancerStartedAt}`, served);
  }
  burst?.failIfTooMany();
  return undefined;
}

type Served = { readonly requests: number; readonly failed: number };

/** What the host has answered since it was first looked at, each balancer counted from its own start. */
class Burst {
  readonly #bake: Bake;
  readonly #first = new Map<string, Served>();
  readonly #last = new Map<string, Served>();

  constructor(bake: Bake) {
    this.#bake = bake;
  }

  see(counter: string, served: Served): void {
    if (!this.#first.has(counter)) this.#first.set(counter, served);
    this.#last.set(counter, served);
  }

  failIfTooMany(): void {
    const { host, maxErrorPercent } = this.#bake;
    let [requests, failed] = [0, 0];
    for (const [counter, last] of this.#last) {
      requests += last.requests - (this.#first.get(counter)?.requests ?? 0);
      failed += last.failed - (this.#first.get(counter)?.failed ?? 0);
    }
    if (requests < fewestAnswers || (failed / requests) * 100 <= maxErrorPercent) return;
    throw new SlipwayError(
      "check.errors",
      `${failed} of the first ${requests} answers of ${host.name} failed after it was admitted; ${maxErrorPercent} % may.`,
      { host: host.name },
    );
  }
}
