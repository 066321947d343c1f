import type { HostSpec, NetworkSpec } from "#core/fleet.ts";
import type { Image } from "#core/release.ts";
import type { Secret } from "#core/secret.ts";
import type { RunSpec } from "#core/service.ts";

/** One host's engine, and how to get there. */
export type EngineHost = { readonly network: NetworkSpec; readonly host: HostSpec };

/**
 * A turn at changing a host. Every act of a rollout gets a number of its own that is greater than all before; the host
 * keeps the greatest it has seen for the place and refuses a lesser one with host.fenced: a command of a server that
 * died, or that was believed dead, cannot act once another act has begun there.
 */
export type HostTurn = EngineHost & {
  readonly turn: {
    /** `environment/service`. */
    readonly place: string;
    readonly number: number;
  };
};

/** What a container is for; written to its labels and read back from them. */
export type ContainerIdentity = {
  readonly service: string;
  readonly environment: string;
  readonly host: string;
  readonly release: number;
  /** The number of the rollout that made it; with the host it makes the container's name unique. */
  readonly rollout: number;
};

export type ContainerSight = ContainerIdentity & {
  readonly id: string;
  readonly name: string;
  readonly digest: string;
  /** The host's port it is published at. */
  readonly hostPort: number;
  readonly state: "running" | "restarting" | "stopped";
  readonly exitCode?: number;
  /** How often the engine started it again by itself. */
  readonly restarts: number;
};

export type ContainerWish = {
  readonly identity: ContainerIdentity;
  readonly image: Image;
  readonly commit: string;
  readonly run: RunSpec;
  /** The host's port that `run.port` is published at. With the network `host` both are the same. */
  readonly hostPort: number;
  /** The values of `run.secrets`. */
  readonly secrets: Readonly<Record<string, Secret>>;
};

/** What must happen after a container was made and before it is started. */
export type Room = {
  /** Containers that are stopped first, as by `stop`. */
  readonly stop: readonly string[];
  readonly how: RunSpec["stop"];
  /** Called when they are stopped. Whatever happens here may happen twice, as after a connection that broke. */
  whenStopped(): Promise<void>;
};

export type RegistryLogin = { readonly username: string; readonly password: Secret };

export type EngineSight = {
  readonly version: string;
  readonly apiVersion: string;
  /** ISO time by the host's clock, for finding skew. */
  readonly systemTime: string;
  /** Containers that Slipway started for this service, environment and host. */
  readonly containers: readonly ContainerSight[];
  /** Digests of this repository that the engine holds. */
  readonly digests: readonly string[];
  /** A port that the service wants on the host, and the container that publishes it and is not ours. */
  readonly portTaken?: { readonly port: number; readonly by: string };
};

/** One container as its engine describes it. */
export type ContainerDescription = {
  /** All that the engine says, as JSON text; other secrets than those withheld are not yet masked. */
  readonly text: string;
  /** Names of its environment variables. */
  readonly environment: readonly string[];
  /** `/host:/container`, with `:ro` where it may only read. */
  readonly mounts: readonly string[];
  /** `8080/tcp at 80`: the container's port and the host's. */
  readonly ports: readonly string[];
};

/**
 * The containers of one host. Acts only on containers that carry Slipway's labels for this service, environment and
 * host. Every verb may be called again after it was interrupted, and then ends in the same state. All fail with
 * host.unreachable, bastion.unreachable, host.key-changed, engine.unreachable or deadline.exceeded where the way is
 * broken; aborting the signal ends the call and rejects with the signal's reason. The verbs that change something take a
 * turn, and fail with host.fenced where a later one has been there.
 */
export interface Containers {
  /** What the engine holds now for this service and environment. */
  look(
    at: EngineHost,
    what: {
      service: string;
      environment: string;
      repository: string;
      /** The host's ports that must be free or ours. */
      ports: readonly number[];
      network: RunSpec["network"];
    },
    signal: AbortSignal,
  ): Promise<EngineSight>;
  /**
   * The digest is on the host when it resolves. Reports progress at least every few seconds while bytes flow.
   * Fails: registry.refused, registry.unreachable, image.missing, disk.full.
   */
  pull(
    at: EngineHost,
    image: Image,
    login: RegistryLogin | undefined,
    signal: AbortSignal,
    onProgress?: (line: string) => void,
  ): Promise<void>;
  /** The container is not running, and will not be started by the engine. SIGKILL follows after the stop timeout. */
  stop(at: HostTurn, name: string, stop: RunSpec["stop"], signal: AbortSignal): Promise<void>;
  /**
   * A container of that identity runs: made if it was not there, started if it was stopped, left alone if it runs.
   * It restarts with the host. With `room`: it is made before room is made for it, so that what stands against making it
   * is known while the others still run. Fails: container.start-failed, container.port-taken, image.missing, disk.full.
   */
  start(at: HostTurn, wish: ContainerWish, signal: AbortSignal, room?: Room): Promise<ContainerSight>;
  /** The container `name` that was stopped before runs again. Fails: container.start-failed, container.port-taken. */
  startAgain(at: HostTurn, name: string, signal: AbortSignal): Promise<void>;
  /** The last lines the container printed, both streams, secrets not yet masked; at most `limitBytes`. */
  lastLines(at: EngineHost, name: string, limitBytes: number, signal: AbortSignal): Promise<string>;
  /**
   * What the engine knows of the container now, running or stopped; the values of the environment variables `withheld`
   * are left out. Fails: container.start-failed where there is none, or none of ours.
   */
  inspect(
    at: EngineHost,
    name: string,
    withheld: readonly string[],
    signal: AbortSignal,
  ): Promise<ContainerDescription>;
  /**
   * Gone are the stopped containers `names` and every digest of the repository that is not in `keepDigests` and not
   * used by a container. What cannot be removed stays and is not an error.
   */
  prune(
    at: HostTurn,
    what: { names: readonly string[]; repository: string; keepDigests: readonly string[] },
    signal: AbortSignal,
  ): Promise<void>;
}
