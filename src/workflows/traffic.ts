import type { TrafficCount } from "#core/receipt.ts";
import type { Run } from "#engine/run.ts";
import type { Probe } from "#ports/prober.ts";
import { balancersOf, type Course } from "#workflows/course.ts";
import { TrafficSampler } from "#workflows/traffic-sampler.ts";
import type { World } from "#workflows/world.ts";

const countersTimeoutMs = 30_000;
/** Watched after the rollout's end, beside everything else. */
const afterMs = 3_000;

/** What is watched of the traffic while a rollout lasts. */
export type TrafficWatch = {
  /** Reads the balancers' counters and sends the prober off, unless nothing is in service yet. */
  start(): Promise<void>;
  /** The same, once the first batch of an environment that served nothing is in service; does nothing after that. */
  startAfterFirst(): Promise<undefined>;
  /** Ends the prober and reads the counters again. */
  stop(): Promise<void>;
  /** Watches the moments after the end; resolves when they are over, with whether there was anything to watch. */
  afterwards(): Promise<boolean>;
};

/**
 * The prober is no act: a resume goes on counting in a part of its own, and nothing the rollout does depends on it.
 * Its totals are kept as they grow, the counters' readings as acts; the receipt adds them up. One is sent off before
 * the images are pulled and one after the end, so that the receipt also knows the traffic around the rollout.
 */
export function trafficWatch(run: Run, world: World, course: Course): TrafficWatch {
  const sampler = new TrafficSampler(world, course);
  const around = course.plan.inService > 0 ? sampler.probe("before") : undefined;
  let probe: Probe | undefined;
  let noting: Promise<unknown> = Promise.resolve();
  const note = (count: TrafficCount) => {
    const write = () => world.timeline.noteTraffic(course.rolloutId, `prober ${world.incarnation}`, count);
    noting = noting.then(write, write);
  };
  let hasBegun = false;
  const begin = async () => {
    hasBegun = true;
    await noteCounters(run, world, course, "before");
    probe = sampler.probe("during", note);
    // What it has in flight is not waited for: the first host need not wait.
    void around?.stop();
  };
  return {
    start: async () => (course.plan.inService > 0 ? begin() : undefined),
    async startAfterFirst() {
      if (!hasBegun) await begin();
      return undefined;
    },
    async stop() {
      if (probe) note(await probe.stop());
      await noting;
      await noteCounters(run, world, course, "after");
    },
    async afterwards() {
      if (!sampler.hasBegun) return false;
      const last = sampler.probe("after");
      await world.clock.sleep(afterMs, AbortSignal.timeout(afterMs * 2));
      await Promise.all([around?.stop(), last?.stop()]);
      await sampler.end();
      return true;
    },
  };
}

/** A balancer that does not answer now has no say in the receipt; it stops nothing. */
const noteCounters = (run: Run, world: World, course: Course, when: "before" | "after"): Promise<void> =>
  run.step(`counters ${when}`, countersTimeoutMs, async (signal) => {
    for (const at of balancersOf(course)) {
      const reading = await world.balancer.counters(at, signal).catch(() => undefined);
      if (reading) await world.timeline.noteCounters(course.rolloutId, `${when} ${at.balancer.name}`, reading);
    }
  });
