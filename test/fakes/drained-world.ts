import type { HostSpec } from "#core/fleet.ts";
import { defaultEnvironment } from "#core/service.ts";
import type { Balancer, BalancerAt } from "#ports/balancer.ts";
import type { Clock } from "#ports/clock.ts";
import { memoryRecords } from "#simulator/memory-records.ts";
import type { Course } from "#workflows/course.ts";
import type { World } from "#workflows/world.ts";

/** As much of a world and a course as draining one host at its balancers needs. */
export function drainedWorld(clock: Clock, balancer: Balancer, places: readonly BalancerAt[]) {
  const host: HostSpec = { name: "web-1", address: "127.0.0.1", server: "web-1" };
  const world: Pick<World, "clock" | "balancer" | "holds"> = {
    clock,
    balancer,
    holds: memoryRecords(() => clock.now()).holds,
  };
  const release: Pick<Course["release"], "environments"> = { environments: { integration: defaultEnvironment } };
  const course: Pick<Course, "rolloutId" | "environment" | "reason" | "network" | "group"> = {
    rolloutId: "rollout-1",
    environment: "integration",
    reason: "deploy",
    network: { name: "here", dockerSocket: "/var/run/docker.sock" },
    group: { hosts: [host], balancers: places.map((at) => at.balancer), env: {} },
  };
  const told: string[] = [];
  const doing = (signal: AbortSignal) => ({
    signal,
    progress: (words: string) => void told.push(words),
    beat: () => {},
    turn: 1,
  });
  return { world: world as World, course: { ...course, release } as Course, host, doing, told };
}
