import { isIP } from "node:net";
import { type Image, imageReference } from "#core/release.ts";
import type { ContainerWish, EngineHost, RegistryLogin } from "#ports/containers.ts";
import { labelsOf } from "./container-labels.ts";
import { familiarName } from "./image-reference.ts";
import { mountOf } from "./mounts.ts";

/** One request to the engine, as data. The path is without the API's version. */
export type EngineCall = {
  readonly method: "GET" | "HEAD" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** How long the answer may take; for a stream, how long it may be silent. */
  readonly limitMs?: number;
};

/** A stopped one stays stopped; one that runs comes back with the host. */
export const restartPolicy = "unless-stopped";

const stopGraceMs = 30_000;
const createLimitMs = 120_000;
/** A registry that is slow to open a layer sends nothing for a while; the engine itself gives up before this. */
const pullSilenceMs = 5 * 60_000;
const logTailLines = 1_000;
const logRotation = { "max-size": "10m", "max-file": "3" };
const nanoPerCpu = 1_000_000_000;

export const version: EngineCall = { method: "GET", path: "/version" };
export const systemTime: EngineCall = { method: "GET", path: "/info" };
export const listContainers: EngineCall = { method: "GET", path: "/containers/json?all=1" };

export const inspectContainer = (name: string): EngineCall => ({ method: "GET", path: `${container(name)}/json` });
export const inspectImage = (reference: string): EngineCall => ({ method: "GET", path: `/images/${reference}/json` });

export const startContainer = (name: string): EngineCall => ({
  method: "POST",
  path: `${container(name)}/start`,
  limitMs: createLimitMs,
});

/** The signal is the one the container was made with: what its own program understands. */
export const stopContainer = (name: string, timeoutMs: number): EngineCall => ({
  method: "POST",
  path: `${container(name)}/stop?t=${Math.ceil(timeoutMs / 1000)}`,
  limitMs: timeoutMs + stopGraceMs,
});

export const setRestartPolicy = (name: string, policy: string): EngineCall => ({
  method: "POST",
  path: `${container(name)}/update`,
  body: { RestartPolicy: { Name: policy } },
});

/** `v`: with the anonymous volumes that its image made. */
export const removeContainer = (name: string): EngineCall => ({ method: "DELETE", path: `${container(name)}?v=1` });

export const readLog = (name: string): EngineCall => ({
  method: "GET",
  path: `${container(name)}/logs?stdout=1&stderr=1&tail=${logTailLines}`,
});

export const listImages = (repository: string): EngineCall => ({
  method: "GET",
  path: `/images/json?filters=${encodeURIComponent(JSON.stringify({ reference: [familiarName(repository)] }))}`,
});

export const removeImage = (reference: string): EngineCall => ({ method: "DELETE", path: `/images/${reference}` });

export const pullImage = ({ repository, digest }: Image, login: RegistryLogin | undefined): EngineCall => ({
  method: "POST",
  path: `/images/create?${new URLSearchParams({ fromImage: repository, tag: digest })}`,
  headers: registryAuth(login),
  limitMs: pullSilenceMs,
});

/** The one place where a registry's password leaves the process on its way to an engine. */
export const registryAuth = (login: RegistryLogin | undefined): Record<string, string> => ({
  "X-Registry-Auth": headerOf(login ? { username: login.username, password: login.password.reveal() } : {}),
});

export const createContainer = (at: EngineHost, name: string, wish: ContainerWish): EngineCall => ({
  method: "POST",
  path: `/containers/create?name=${encodeURIComponent(name)}`,
  limitMs: createLimitMs,
  body: {
    Image: imageReference(wish.image),
    Labels: labelsOf(wish),
    Env: environmentOf(wish),
    ...(wish.run.command ? { Cmd: wish.run.command } : {}),
    StopSignal: wish.run.stop.signal,
    StopTimeout: Math.ceil(wish.run.stop.timeoutMs / 1000),
    ExposedPorts: { [`${wish.run.port}/tcp`]: {} },
    HostConfig: hostConfig(at, wish),
  },
});

const hostConfig = (at: EngineHost, { run, hostPort }: ContainerWish) => ({
  // Reaps orphans, and lets a program without a handler of its own end at the stop signal.
  Init: true,
  RestartPolicy: { Name: restartPolicy },
  LogConfig: { Type: "json-file", Config: logRotation },
  Mounts: run.volumes.map(mountOf),
  ...(run.network === "host"
    ? { NetworkMode: "host" }
    : { PortBindings: { [`${run.port}/tcp`]: [{ HostIp: publishAddress(at), HostPort: String(hostPort) }] } }),
  ...(run.limits.memoryBytes === undefined ? {} : { Memory: run.limits.memoryBytes }),
  ...(run.limits.cpus === undefined ? {} : { NanoCpus: Math.round(run.limits.cpus * nanoPerCpu) }),
});

/** On a real host every address; hosts that share this machine's engine each have an address of their own. */
export function publishAddress({ network, host }: EngineHost): string {
  if (network.ssh) return "0.0.0.0";
  if (isIP(host.address)) return host.address;
  return host.address === "localhost" ? "127.0.0.1" : "0.0.0.0";
}

function environmentOf({ run, secrets }: ContainerWish): readonly string[] {
  const secret = Object.entries(secrets).map(([name, value]) => [name, value.reveal()] as const);
  return [...Object.entries(run.env), ...secret].map(([name, value]) => `${name}=${value}`);
}

const container = (name: string) => `/containers/${encodeURIComponent(name)}`;

/** Engines before 23 stop reading at a missing padding, and then see no credentials at all. */
export const headerOf = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString("base64").replaceAll("+", "-").replaceAll("/", "_");
