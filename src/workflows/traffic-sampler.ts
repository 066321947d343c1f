import type { TrafficCount } from "#core/receipt.ts";
import { sampleEveryMs, type TrafficSample } from "#core/traffic-series.ts";
import type { Probe } from "#ports/prober.ts";
import { balancersOf, type Course } from "#workflows/course.ts";
import type { World } from "#workflows/world.ts";

const lookTimeoutMs = 5_000;
/** A rollout that waits longer for a person is watched no more; what was seen until then stays. */
const longestMs = 24 * 60 * 60_000;

const nothing: TrafficCount = { requests: 0, failed: 0, cut: 0 };

type Sample = Omit<TrafficSample, "at">;
type Probing = { readonly part: string; readonly probe: Probe; total: TrafficCount };

/**
 * Notes about each second what the prober and the balancers have counted. Running totals are noted, so that a look
 * that is missing blurs the picture and loses no request. No act waits for it, and what it cannot read or write has no
 * say in the rollout.
 */
export class TrafficSampler {
  readonly #world: World;
  readonly #course: Course;
  readonly #stop = new AbortController();
  readonly #probings = new Set<Probing>();
  #sampling: Promise<void> | undefined;

  constructor(world: World, course: Course) {
    this.#world = world;
    this.#course = course;
  }

  get hasBegun(): boolean {
    return this.#sampling !== undefined;
  }

  /** Sends a prober off for one phase of the rollout, where the group names a URL, and begins to look. */
  probe(phase: "before" | "during" | "after", onCount: (total: TrafficCount) => void = () => {}): Probe | undefined {
    const { traffic } = this.#course.group;
    const probe = traffic && this.#probing(traffic, `prober ${this.#world.incarnation} ${phase}`, onCount);
    this.#sampling ??= this.#sample();
    return probe;
  }

  /** Looks once more, and never again. */
  async end(): Promise<void> {
    this.#stop.abort();
    await this.#sampling;
    await this.#look();
  }

  #probing(traffic: { url: string; everyMs: number }, part: string, onCount: (total: TrafficCount) => void): Probe {
    const probe = this.#world.prober.start(traffic, (total) => {
      probing.total = total;
      onCount(total);
    });
    const probing: Probing = { part, probe, total: nothing };
    this.#probings.add(probing);
    return {
      stop: async () => {
        const total = await probe.stop();
        probing.total = total;
        await this.#look();
        this.#probings.delete(probing);
        return total;
      },
    };
  }

  async #sample(): Promise<void> {
    const { clock } = this.#world;
    const startMs = clock.now();
    const { signal } = this.#stop;
    while (!signal.aborted && clock.now() - startMs < longestMs) {
      await this.#look();
      await clock.sleep(sampleEveryMs(clock.now() - startMs), signal).catch(() => signal.aborted);
    }
  }

  async #look(): Promise<void> {
    const read = await this.#readBalancers();
    // The probers' totals are read last: they are of the moment at which they are noted.
    const own = [...this.#probings].map(({ part, total }): Sample => ({ part, observer: "prober", count: total }));
    await this.#world.timeline.noteSamples(this.#course.rolloutId, [...own, ...read]).catch(() => undefined);
  }

  async #readBalancers(): Promise<Sample[]> {
    const signal = AbortSignal.timeout(lookTimeoutMs);
    const reads = balancersOf(this.#course).map(async (at): Promise<Sample[]> => {
      const reading = await this.#world.balancer.counters(at, signal).catch(() => undefined);
      if (!reading) return [];
      const { startedAt, ...count } = reading;
      return [{ part: `${at.balancer.name} since ${startedAt}`, observer: "balancers", count }];
    });
    return (await Promise.all(reads)).flat();
  }
}
