import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { callEngine, containersWith } from "../scripts/setup/engine-api.ts";
import { ensureEngine } from "../scripts/setup/ensure-engine.ts";
import { ensureSystem } from "../scripts/setup/ensure-system.ts";
import { freePort } from "../scripts/setup/free-port.ts";
import { startHaproxy } from "../scripts/setup/haproxy.ts";
import { startRegistry } from "../scripts/setup/registry.ts";
import { ensureBaseImage } from "./base-image.ts";
import { makeRepository } from "./repository.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

const hosts = [1, 2, 3].map((number) => ({ name: `web-${number}`, address: `127.0.0.${10 + number}` }));
const engineDeadlineMs = 30_000;

/** All that a server needs on one machine, without the server: the demo and the end-to-end tests stand on it. */
export type LocalStage = AsyncDisposable & {
  readonly directory: string;
  readonly engineSocket: string;
  readonly registry: string;
  readonly base: string;
  /** Where the service listens on every host: a free one, so that two stages can stand side by side. */
  readonly port: number;
  /** The balancer's front. */
  readonly front: string;
  readonly repository: string;
  readonly fleet: string;
  readonly data: string;
  /** The same data each time: what one server began the next goes on with. `options`: more of `slipway server`. */
  startServer(options?: readonly string[]): Promise<ServerProcess>;
};

/** `hasSecondPlaces`: every host has a second port, known to the balancer, for the strategy blue-green. */
export type StageWish = { readonly hasSecondPlaces?: boolean };

/** Three hosts that share this machine's engine, told apart by their loopback address. */
export const localStage = async (
  say: (line: string) => void = () => {},
  { hasSecondPlaces = false }: StageWish = {},
): Promise<LocalStage> => {
  await using stack = new AsyncDisposableStack();
  const isRoot = process.getuid?.() === 0;
  await ensureSystem(["git", "haproxy", "registry", ...(isRoot ? (["docker", "iptables"] as const) : [])]);
  const engine = await ensureEngine();
  stack.defer(() => engine.stop());
  say(`container engine: ${engine.socketPath}`);
  const directory = await mkdtemp("/var/tmp/slipway-demo-");
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  await chmod(directory, 0o711);
  const base = await ensureBaseImage(engine.socketPath);
  say(`base image: ${base}`);
  const registry = await startRegistry(join(directory, "registry"));
  stack.defer(() => registry.stop());
  const servicePort = await freePort();
  const secondPort = hasSecondPlaces ? await freePort() : undefined;
  const servers = hosts.flatMap(({ name, address }) => [
    { name, address: `${address}:${servicePort}` },
    ...(secondPort ? [{ name: `${name}-green`, address: `${address}:${secondPort}` }] : []),
  ]);
  const haproxy = await startHaproxy({ directory: join(directory, "haproxy"), backend: "hello", servers });
  stack.defer(() => haproxy.stop());
  say(`HAProxy: ${haproxy.url}   registry: ${registry.address}   hosts: ${hosts.map(({ name }) => name).join(", ")}`);
  const repository = await makeRepository(join(directory, "hello"));
  stack.defer(() => removeContainers(engine.socketPath, registry.address));
  const fleet = join(directory, "fleet.yaml");
  await writeFile(
    fleet,
    fleetYaml({
      repository,
      socket: haproxy.socket,
      front: haproxy.url,
      engine: engine.socketPath,
      ...(secondPort ? { secondPort } : {}),
    }),
  );
  const data = join(directory, "data");
  const parts = stack.move();
  return {
    directory,
    engineSocket: engine.socketPath,
    registry: registry.address,
    base,
    port: servicePort,
    front: haproxy.url,
    repository,
    fleet,
    data,
    async startServer(options = []) {
      const server = await startServer({
        fleet,
        data,
        port: await freePort(),
        engineSocket: engine.socketPath,
        options,
      });
      parts.defer(() => server.stop());
      return server;
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
};

/** On a person's own engine nothing of the demo may stay: its containers, then its images. */
const removeContainers = async (socketPath: string, registry: string): Promise<void> => {
  const call = (method: "GET" | "DELETE", path: string) =>
    callEngine({ socketPath, method, path, deadlineMs: engineDeadlineMs });
  for (const { id } of await containersWith(socketPath, "slipway.service=hello"))
    await call("DELETE", `/containers/${id}?force=true&v=true`);
  const images = JSON.parse(await call("GET", "/images/json")) as EngineImage[];
  const isOurs = (name: string) => name.startsWith(`${registry}/`);
  for (const { Id, RepoTags, RepoDigests } of images)
    if ([...(RepoTags ?? []), ...(RepoDigests ?? [])].some(isOurs)) await call("DELETE", `/images/${Id}?force=true`);
};

type EngineImage = { Id: string; RepoTags: string[] | null; RepoDigests: string[] | null };
type FleetWish = {
  readonly repository: string;
  readonly socket: string;
  readonly front: string;
  readonly engine: string;
  readonly secondPort?: number;
};

const fleetYaml = ({ repository, socket, front, engine, secondPort }: FleetWish): string => `sources:
  - { git: ${JSON.stringify(repository)}, poll: 500ms, branches: [main] }
networks:
  here: { docker: ${JSON.stringify(engine)} }
environments:
  integration:
    network: here
    services:
      hello:
        hosts: [${hosts.map(({ name, address }) => `{ name: ${name}, address: ${address} }`).join(", ")}]
        balancers: [{ haproxy: { socket: "unix://${socket}", backend: hello } }]
        traffic: { url: "${front}", every: 20ms }
${secondPort ? `        blue_green: { port: ${secondPort} }\n` : ""}`;
