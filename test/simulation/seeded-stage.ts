import type { Rollout } from "#core/rollout.ts";
import type { Hold } from "#ports/records.ts";
import { simulatedRelease } from "#simulator/simulated-world.ts";
import { Simulation } from "./simulation.ts";

const place = { service: "hello", environment: "integration" } as const;

/** Three hosts that have release 1 live since a good rollout of all of them, release 2 built, and a server that looks. */
export async function seededStage() {
  const simulation = new Simulation({ hosts: 3 });
  const { clock, fleet } = simulation;
  const { world, engine } = simulation.successor();
  const hosts = ["web-1", "web-2", "web-3"];
  for (const number of [1, 2]) await world.releases.create(simulatedRelease({ number }));
  let rollouts = 0;
  const begin = (change: Partial<Rollout> = {}) => beginOne(change, ++rollouts);
  const beginOne = async ({ reason = "deploy", release = 2, ...change }: Partial<Rollout>, count: number) => {
    const made = await world.rollouts.create({ ...place, key: `seed/${count}`, release, reason, by: "ben" });
    const startedAt = new Date(clock.now()).toISOString();
    return world.rollouts.update(made.id, { state: "running", startedAt, ...change });
  };
  const passing = async <T>(act: Promise<T>): Promise<T> => {
    await clock.run();
    return act;
  };
  const hold = async (rolloutId: string, change: Pick<Hold, "kind" | "subject">): Promise<Hold> => {
    const taken = {
      id: `${rolloutId}/${change.subject}`,
      rolloutId,
      ...place,
      before: "free",
      until: "2027",
      ...change,
    };
    await world.holds.take(taken);
    return taken;
  };
  const stop = (name: string) => {
    for (const { sight } of fleet.host(name).containers.values()) fleet.host(name).stop(sight.name, "theirs");
  };
  const run = (name: string, release: number) => {
    stop(name);
    fleet.seed(name, release);
  };
  const planned = {
    batches: [{ hosts: hosts.map((name) => ({ name, pull: true })), inServiceMeanwhile: 2 }],
    upToDate: [],
  };
  await begin({ release: 1, state: "succeeded", plan: planned as unknown as NonNullable<Rollout["plan"]> });
  return { simulation, clock, fleet, world, engine, hosts, begin, passing, hold, stop, run };
}
