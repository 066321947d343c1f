import type { BalancerSpec, HostSpec, NetworkSpec, PrometheusSpec, ServiceGroup } from "#core/fleet.ts";
import type { Plan } from "#core/plan.ts";
import type { Release } from "#core/release.ts";
import type { HostEnd, RolloutReason } from "#core/rollout.ts";
import { defaultEnvironment, environmentSpecOf, type RolloutSpec } from "#core/service.ts";
import type { BalancerAt } from "#ports/balancer.ts";
import type { EngineHost, HostTurn } from "#ports/containers.ts";

/**
 * All that a rollout decided on before it touched anything, recorded with its plan: a resume follows this and not a
 * configuration that was changed meanwhile.
 */
export type Course = {
  readonly rolloutId: string;
  readonly rolloutNumber: number;
  readonly reason: RolloutReason;
  readonly release: Release;
  readonly environment: string;
  readonly network: NetworkSpec;
  readonly group: ServiceGroup;
  readonly plan: Plan;
  /** The release that was live before, where there was one. */
  readonly previousRelease?: number;
  /** What a superseded rollout did to hosts that this one goes on with. */
  readonly inherited: readonly HostEnd[];
  readonly secretVersions: Readonly<Record<string, string>>;
  /** The variables of the containers. */
  readonly runEnv: Readonly<Record<string, string>>;
  readonly prometheus?: PrometheusSpec;
};

/** So many others a host that failed is held against: nobody waits for a whole fleet that fails to say so. */
export const peersAsked = 5;

/** As much of a course as the workflow of those hosts needs: it is recorded with each of them. */
export function courseOf(course: Course, names: readonly string[]): Course {
  const { plan, group } = course;
  const own = group.hosts.filter(({ name }) => names.includes(name));
  const others = group.hosts.filter(({ name }) => !names.includes(name));
  return {
    ...course,
    inherited: [],
    plan: { ...plan, batches: [], upToDate: [], skipped: [], steps: [] },
    group: { ...group, hosts: [...own, ...others.slice(0, peersAsked)] },
  };
}

/** The first of the two with every host that only the other knows. */
export function widenedGroup(group: ServiceGroup, { hosts }: Pick<ServiceGroup, "hosts">): ServiceGroup {
  const added = hosts.filter(({ name }) => !group.hosts.some((host) => host.name === name));
  return added.length === 0 ? group : { ...group, hosts: [...group.hosts, ...added] };
}

export const engineHost = ({ network }: Pick<Course, "network">, host: HostSpec): EngineHost => ({ network, host });

/** The host, with the right to change what runs there for this service and environment. */
export const hostTurn = (
  { network, environment, release }: Pick<Course, "network" | "environment" | "release">,
  host: HostSpec,
  turn: number,
): HostTurn => ({
  network,
  host,
  turn: { place: `${environment}/${release.service}`, number: turn },
});

export const balancersOf = ({ network, group }: Pick<Course, "network" | "group">): readonly BalancerAt[] =>
  group.balancers.map((balancer: BalancerSpec) => ({ network, balancer }));

/** How the environment wants it; a roll back skips canary and bake, never drain and check. */
export const rolloutSpecOf = ({ release, environment, reason }: Course): RolloutSpec => {
  // A release that an earlier version recorded knows nothing of what was added since.
  const spec = { ...defaultEnvironment.rollout, ...environmentSpecOf(release.environments, environment).rollout };
  return reason === "rollback" ? { ...spec, bakeMs: 0 } : spec;
};

export const hostNamed = ({ group }: Pick<Course, "group">, name: string): HostSpec => {
  const host = group.hosts.find((candidate) => candidate.name === name);
  if (!host) throw new Error(`the course has no host ${name}`);
  return host;
};

/** The host as the balancers know the place that is published at that port: blue-green gives every host two. */
export const placeAt = <T extends Pick<HostSpec, "server">>(
  { group }: Pick<Course, "group">,
  host: T,
  port: number,
): T => (group.blueGreen?.port === port ? { ...host, server: `${host.server}${group.blueGreen.suffix}` } : host);

/** The host's ports that the service may be published at, the usual one first. */
export const portsOf = ({ release, group }: Pick<Course, "release" | "group">): readonly number[] =>
  group.blueGreen ? [release.run.port, group.blueGreen.port] : [release.run.port];

/** The place beside the one that is in use. */
export const otherPort = (course: Pick<Course, "release" | "group">, port: number): number =>
  portsOf(course).find((candidate) => candidate !== port) ?? port;

export const sightWish = (course: Pick<Course, "release" | "environment" | "group">) => ({
  service: course.release.service,
  environment: course.environment,
  repository: course.release.image.repository,
  ports: portsOf(course),
  network: course.release.run.network,
});
