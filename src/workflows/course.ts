import type { BalancerSpec, HostSpec, NetworkSpec, ServiceGroup } from "#core/fleet.ts";
import type { Plan } from "#core/plan.ts";
import type { Release } from "#core/release.ts";
import { environmentSpecOf, type RolloutSpec } from "#core/service.ts";
import type { BalancerAt } from "#ports/balancer.ts";
import type { EngineHost } from "#ports/containers.ts";

/**
 * All that a rollout decided on before it touched anything, recorded with its plan: a resume follows this and not a
 * configuration that was changed meanwhile.
 */
export type Course = {
  readonly rolloutId: string;
  readonly rolloutNumber: number;
  readonly release: Release;
  readonly environment: string;
  readonly network: NetworkSpec;
  readonly group: ServiceGroup;
  readonly plan: Plan;
};

export const engineHost = ({ network }: Course, host: HostSpec): EngineHost => ({ network, host });

export const balancersOf = ({ network, group }: Course): readonly BalancerAt[] =>
  group.balancers.map((balancer: BalancerSpec) => ({ network, balancer }));

export const rolloutSpecOf = ({ release, environment }: Course): RolloutSpec =>
  environmentSpecOf(release.environments, environment).rollout;

export const hostNamed = ({ group }: Course, name: string): HostSpec => {
  const host = group.hosts.find((candidate) => candidate.name === name);
  if (!host) throw new Error(`the course has no host ${name}`);
  return host;
};

export const sightWish = ({ release, environment }: Course) => ({
  service: release.service,
  environment,
  repository: release.image.repository,
  port: release.run.port,
  network: release.run.network,
});
