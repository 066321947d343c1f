import { SlipwayError } from "#core/errors.ts";
import type { HostSpec } from "#core/fleet.ts";
import type { Release } from "#core/release.ts";
import type { HostEnd } from "#core/rollout.ts";
import type { ContainerWish, Room } from "#ports/containers.ts";
import type { Doing } from "#workflows/act.ts";
import { type Course, engineHost, hostTurn, sightWish } from "#workflows/course.ts";
import { loginFor } from "#workflows/prepare-hosts.ts";
import { wishFor } from "#workflows/start-release.ts";
import type { World } from "#workflows/world.ts";

type Place = { readonly course: Course; readonly host: HostSpec; readonly end: HostEnd };

/** What ran on a host before the rollout, and how it runs again. */
export type Previous = {
  readonly release: Release;
  readonly container: string;
  readonly isRunning: boolean;
  /** Somebody removed the container meanwhile: it is made anew, by digest and as it was. */
  readonly wish?: ContainerWish;
};

/**
 * What ran there before, and that it can run again; undefined where nothing did. Fails before anything is touched where
 * it cannot: what runs now is better than nothing.
 */
export async function previousContainer(
  world: World,
  { course, host, end }: Place,
  { signal, progress }: Doing,
): Promise<Previous | undefined> {
  const [container] = end.previous;
  if (container === undefined) {
    progress("nothing ran here before");
    return undefined;
  }
  const { containers } = await world.containers.look(engineHost(course, host), sightWish(course), signal);
  const kept = containers.find(({ name }) => name === container);
  const release = await releaseOf(world, course, kept?.release ?? end.previousRelease);
  if (kept) return { release, container, isRunning: kept.state === "running" };
  progress(`${container} is gone: release ${release.number} is made anew`);
  const wish = await wishAgain(world, { course, host, end }, release);
  const login = await loginFor(world, release.image);
  await world.containers.pull(engineHost(course, host), release.image, login, signal, progress);
  return { release, container, isRunning: false, wish };
}

async function releaseOf(world: World, course: Course, number: number | undefined): Promise<Release> {
  const release = number === undefined ? undefined : await world.releases.get(course.release.service, number);
  if (release) return release;
  const words = number === undefined ? "What ran before" : `Release ${number} of ${course.release.service}`;
  throw new SlipwayError("not.found", `${words} is not recorded, and its container is gone.`);
}

async function wishAgain(world: World, { course, host, end }: Place, release: Release): Promise<ContainerWish> {
  const { previousRollout: rollout = 0, previousPort = end.port } = end;
  const then = await world.rollouts.byNumber(rollout);
  const secretVersions = then?.secretVersions ?? {};
  const runEnv = then?.runEnv ?? { ...release.run.env, ...course.group.env };
  return wishFor(world, course, host, { release, rollout, port: previousPort, secretVersions, runEnv });
}

/** The container that ran before runs, and those to stop do not; room is made for it in between. Resolves with its name. */
export async function startPrevious(
  world: World,
  { course, host, previous }: { course: Course; host: HostSpec; previous: Previous },
  room: Room,
  { signal, progress, turn }: Doing,
): Promise<string> {
  const at = hostTurn(course, host, turn);
  if (previous.wish) return (await world.containers.start(at, previous.wish, signal, room)).name;
  for (const name of room.stop) {
    progress(`stopping ${name}`);
    await world.containers.stop(at, name, room.how, signal);
  }
  await room.whenStopped();
  if (!previous.isRunning) progress(`starting ${previous.container} again`);
  await world.containers.startAgain(at, previous.container, signal);
  return previous.container;
}
