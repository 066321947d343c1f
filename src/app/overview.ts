import type { GivenOf } from "#contract/calls.ts";
import type { FleetEnvironment } from "#core/fleet.ts";
import { liveIn } from "#workflows/live-release.ts";
import type { Application } from "./application.ts";

const shown = 20;

/** Everything at a glance: what is live where, what runs, what was built, which sources answer. */
export async function showOverview(app: Application): Promise<GivenOf<"overview">> {
  const { world, version, startedAt } = app;
  const environments = await Promise.all(
    Object.values(world.fleet().environments).map(async (environment) => ({
      name: environment.name,
      network: environment.network,
      groups: await Promise.all(
        Object.keys(environment.services).map((service) => showGroup(app, environment, service)),
      ),
    })),
  );
  return {
    version,
    startedAt,
    environments,
    sources: await showSources(app),
    builds: await world.builds.list(shown),
    rollouts: await world.rollouts.list({}, shown),
  };
}

async function showGroup({ world, sights }: Application, environment: FleetEnvironment, service: string) {
  const place = { service, environment: environment.name };
  const live = await liveIn(world, place);
  const [open] = await world.rollouts.list({ ...place, states: ["running", "paused", "waiting"] }, 1);
  const [last] = await world.rollouts.list(place, 1);
  const hosts = environment.services[service]?.hosts ?? [];
  return {
    ...place,
    hosts: hosts.map(({ name, address }) => ({ name, address, ...sights.of(environment.name, service, name) })),
    ...(live ? { liveRelease: live.release.number, liveCommit: live.release.commit } : {}),
    ...(live?.rollout.endedAt ? { liveSince: live.rollout.endedAt } : {}),
    ...(open ? { rollout: open } : {}),
    ...(last ? { lastRollout: last } : {}),
  };
}

export async function showSources({ world }: Application) {
  const seen = new Map((await world.heads.sights()).map((sight) => [sight.name, sight]));
  return world.fleet().sources.map(({ name, git, branches, pollMs }) => {
    const sight = seen.get(name) ?? { failures: 0 };
    return { ...sight, name, git: withoutPassword(git), branches, pollMs };
  });
}

/** An address may carry a password; a page must not. */
const withoutPassword = (address: string): string => address.replace(/^(\w+:\/\/)[^/@]*@/, "$1");
