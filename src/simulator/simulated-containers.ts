import { SlipwayError } from "#core/errors.ts";
import type { Image } from "#core/release.ts";
import type { ContainerDescription, ContainerSight, Containers, ContainerWish, HostTurn } from "#ports/containers.ts";
import type { Program } from "#simulator/program.ts";
import type { SimulatedHost, Time } from "#simulator/simulated-host.ts";

/** How long each act of an engine takes. */
export type EngineTimes = { pullMs: number; stopMs: number; startMs: number; startAgainMs: number };
export const usualTimes: EngineTimes = { pullMs: 300, stopMs: 80, startMs: 150, startAgainMs: 100 };

export type EngineWorld = {
  readonly time: Time;
  readonly times: EngineTimes;
  host(name: string): SimulatedHost;
  program(release: number): Program;
  /** Rejects where the registry does not give the image. */
  give(image: Image): void;
  onChange(change: ContainerChange): void;
};

export type ContainerChange = {
  readonly act: "stop" | "start" | "start-again";
  readonly host: SimulatedHost;
  readonly sight: ContainerSight;
  readonly turn: number;
};

/**
 * The engines of all hosts. A command that was sent is obeyed whatever becomes of the sender, and a turn that is less
 * than one the host has seen is refused.
 */
export function simulatedContainers(world: EngineWorld): Containers {
  const { time, times } = world;
  const reach = (name: string, signal: AbortSignal): SimulatedHost => {
    signal.throwIfAborted();
    const host = world.host(name);
    host.reach();
    return host;
  };
  const wishes = new Map<string, ContainerWish>();
  /** Asked again when the work is done: a later turn ends what an older one has under way. */
  const change = (at: HostTurn, signal: AbortSignal): SimulatedHost => {
    const host = reach(at.host.name, signal);
    host.takeTurn(at);
    return host;
  };
  const stop = async (at: HostTurn, name: string, signal: AbortSignal): Promise<void> => {
    const host = change(at, signal);
    const kept = host.containers.get(name);
    if (kept && kept.sight.state !== "stopped") {
      world.onChange({ act: "stop", host, sight: kept.sight, turn: at.turn.number });
      host.stop(name, "ours");
      await time.sleep(times.stopMs, signal);
    }
    host.reach();
  };
  return {
    async look(at, what, signal) {
      const host = reach(at.host.name, signal);
      const all = [...host.containers.values()].map(({ sight }) => sight);
      return {
        version: "simulated",
        apiVersion: "1.41",
        systemTime: new Date(time.now()).toISOString(),
        containers: all.filter(({ service, environment }) => isSame(what, { service, environment })),
        digests: [...host.digests],
      };
    },
    async pull(at, image, _login, signal) {
      const host = reach(at.host.name, signal);
      if (host.digests.has(image.digest)) return;
      world.give(image);
      await time.sleep(times.pullMs, signal);
      host.reach();
      host.digests.add(image.digest);
    },
    stop: (at, name, _stop, signal) => stop(at, name, signal),
    async start(at, wish, signal, room) {
      const host = change(at, signal);
      const name = containerName(wish);
      wishes.set(`${at.host.name} ${name}`, wish);
      if (!host.containers.has(name)) refuseMaking(host, wish);
      for (const other of room?.stop ?? []) await stop(at, other, signal);
      await room?.whenStopped();
      const kept = change(at, signal).containers.get(name);
      if (kept?.sight.state === "running") return kept.sight;
      refuseStart(host, wish, kept?.sight);
      await time.sleep(times.startMs, signal);
      change(at, signal);
      if (kept) host.run(name, "ours");
      else host.put(sightOf(wish, name), world.program(wish.identity.release), "ours");
      return started(world, at, { name, act: "start" });
    },
    async startAgain(at, name, signal) {
      const host = change(at, signal);
      const kept = host.containers.get(name);
      if (kept?.sight.state === "running") return;
      if (kept) refusePort(host, kept.sight);
      await time.sleep(times.startAgainMs, signal);
      change(at, signal);
      host.run(name, "ours");
      started(world, at, { name, act: "start-again" });
    },
    async lastLines(at, _name, _limitBytes, signal) {
      reach(at.host.name, signal);
      return "Error: the simulated program says why";
    },
    async inspect(at, name, withheld, signal) {
      const kept = reach(at.host.name, signal).containers.get(name);
      const wish = wishes.get(`${at.host.name} ${name}`);
      if (kept) return describe(kept.sight, wish, withheld);
      throw new SlipwayError("container.start-failed", `${at.host.name} has no container ${name}.`);
    },
    async prune(at, { names, keepDigests }, signal) {
      const host = change(at, signal);
      for (const name of names) if (host.containers.get(name)?.sight.state === "stopped") host.containers.delete(name);
      const used = new Set([...host.containers.values()].map(({ sight }) => sight.digest));
      for (const digest of host.digests)
        if (!keepDigests.includes(digest) && !used.has(digest)) host.digests.delete(digest);
    },
  };
}

function describe(
  sight: ContainerSight,
  wish: ContainerWish | undefined,
  withheld: readonly string[],
): ContainerDescription {
  const env = Object.entries(wish?.run.env ?? {});
  const environment = [...env.map(([name]) => name), ...Object.keys(wish?.secrets ?? {})];
  const told = Object.fromEntries(env.filter(([name]) => !withheld.includes(name)));
  const ports = wish ? [`${wish.run.port}/tcp at ${wish.hostPort}`] : [];
  return { text: JSON.stringify({ ...sight, env: told }), environment, mounts: wish?.run.volumes ?? [], ports };
}

type Place = { readonly service: string; readonly environment: string };
const isSame = (a: Place, b: Place): boolean => a.service === b.service && a.environment === b.environment;

type Started = { readonly name: string; readonly act: "start" | "start-again" };

function started(world: EngineWorld, at: HostTurn, { name, act }: Started): ContainerSight {
  const host = world.host(at.host.name);
  const sight = host.containers.get(name)?.sight;
  if (!sight) throw new SlipwayError("container.start-failed", `${name} was gone as soon as it was started.`);
  world.onChange({ act, host, sight, turn: at.turn.number });
  return sight;
}

function refuseMaking(host: SimulatedHost, { image: { digest } }: ContainerWish): void {
  if (host.digests.has(digest)) return;
  throw new SlipwayError("image.missing", `${host.name} does not hold ${digest}.`, { host: host.name });
}

function refuseStart(host: SimulatedHost, wish: ContainerWish, kept: ContainerSight | undefined): void {
  if (host.startFailure) throw host.startFailure;
  refusePort(host, { name: containerName(wish), hostPort: kept?.hostPort ?? wish.hostPort });
}

function refusePort(host: SimulatedHost, { name, hostPort }: Pick<ContainerSight, "name" | "hostPort">): void {
  const other = host.running(hostPort)?.sight;
  if (!other || other.name === name) return;
  const words = `${other.name} uses port ${hostPort} of ${host.name}.`;
  throw new SlipwayError("container.port-taken", words, { host: host.name });
}

const containerName = ({ identity: { service, environment, host, rollout } }: ContainerWish): string =>
  [service, environment, host, rollout].join(".");

const sightOf = ({ identity, image, hostPort }: ContainerWish, name: string): ContainerSight => ({
  ...identity,
  id: name,
  name,
  digest: image.digest,
  hostPort,
  restarts: 0,
  state: "running",
});
