import { type ErrorRecord, SlipwayError } from "#core/errors.ts";
import type { HostSpec } from "#core/fleet.ts";
import { outcomeOf } from "#engine/acts.ts";
import { balancersOf, type Course, placeAt, portsOf } from "#workflows/course.ts";
import type { World } from "#workflows/world.ts";

/**
 * Why taking those hosts out together would leave too few in service now. Hosts that went out of service by themselves
 * since the plan count.
 */
export async function lostCapacity(
  world: World,
  course: Course,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ErrorRecord | undefined> {
  if (course.plan.strategy === "blue-green") return undefined;
  for (const at of balancersOf(course)) {
    const outcome = await outcomeOf(world.balancer.look(at, signal));
    signal.throwIfAborted();
    // Nobody knows what is in service: as good as lost, and decided like it.
    if (!outcome.ok) return outcome.error;
    const serving = new Set(outcome.value.filter(({ state }) => state === "in-service").map(({ server }) => server));
    const isServing = (host: Pick<HostSpec, "server">) =>
      portsOf(course).some((port) => serving.has(placeAt(course, host, port).server));
    const others = (course.otherServers ?? []).filter((server) => isServing({ server })).length;
    const inService = course.group.hosts.filter(isServing);
    const left = others + inService.filter((host) => !names.includes(host.name)).length;
    if (left < others + inService.length && left < course.plan.minHealthy)
      return new SlipwayError(
        "capacity.lost",
        `The batch ${names.join(", ")} would leave ${left} hosts in service at ${at.balancer.name}; ${course.plan.minHealthy} are asked for.`,
      ).toRecord();
  }
  return undefined;
}
