import type { HostSpec } from "#core/fleet.ts";
import type { Release } from "#core/release.ts";
import type { ContainerWish, Room } from "#ports/containers.ts";
import type { Doing } from "#workflows/act.ts";
import { type Course, hostTurn } from "#workflows/course.ts";
import type { World } from "#workflows/world.ts";

export type Starting = {
  readonly course: Course;
  readonly host: HostSpec;
  readonly port: number;
  readonly room?: Room;
};

/** A container of the rollout's release runs on the host and is published at the port; resolves with its name. */
export async function startRelease(
  world: World,
  { course, host, port, room }: Starting,
  { signal, progress, turn }: Doing,
): Promise<string> {
  const { release, rolloutNumber: rollout, secretVersions, runEnv } = course;
  if (!room) progress(`starting release ${release.number}`);
  const wish = await wishFor(world, course, host, { release, rollout, port, secretVersions, runEnv });
  return (await world.containers.start(hostTurn(course, host, turn), wish, signal, room)).name;
}

export type Made = {
  readonly release: Release;
  /** The number of the rollout that makes it, or once made it. */
  readonly rollout: number;
  readonly port: number;
  readonly secretVersions: Readonly<Record<string, string>>;
  readonly runEnv: Readonly<Record<string, string>>;
};

/** What the container of a release is made with, by the rollout of that number. */
export async function wishFor(
  world: World,
  { environment }: Pick<Course, "environment">,
  host: HostSpec,
  { release, rollout, port, secretVersions, runEnv }: Made,
): Promise<ContainerWish> {
  const reveal = async (name: string) => [name, await world.secrets.reveal(name, secretVersions[name])] as const;
  const secrets = Object.fromEntries(await Promise.all(release.run.secrets.map(reveal)));
  return {
    identity: { service: release.service, environment, host: host.name, release: release.number, rollout },
    image: release.image,
    commit: release.commit.sha,
    run: { ...release.run, env: runEnv },
    hostPort: port,
    secrets,
  };
}
