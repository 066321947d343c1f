import { spawn } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { daemonOf } from "../scripts/setup/daemon.ts";
import { callEngine, containersWith } from "../scripts/setup/engine-api.ts";
import { ensureEngine } from "../scripts/setup/ensure-engine.ts";
import { ensureSystem } from "../scripts/setup/ensure-system.ts";
import { freePort } from "../scripts/setup/free-port.ts";
import { startHaproxy } from "../scripts/setup/haproxy.ts";
import { startRegistry } from "../scripts/setup/registry.ts";
import { ensureBaseImage } from "./base-image.ts";
import { makeRepository } from "./repository.ts";
import type { Scene, SceneOptions } from "./scene.ts";
import { TrafficProgram } from "./traffic-program.ts";

const program = join(import.meta.dirname, "../bin/slipway.ts");
const hosts = [1, 2, 3].map((number) => ({ name: `web-${number}`, address: `127.0.0.${10 + number}` }));
const servicePort = 8080;
const serverDeadlineMs = 60_000;
const engineDeadlineMs = 30_000;

/** Three hosts that share this machine's engine, told apart by their loopback address. */
export const localScene = async ({ say, signal }: SceneOptions): Promise<Scene> => {
  await using stack = new AsyncDisposableStack();
  await ensureSystem([
    "git",
    "haproxy",
    "registry",
    ...(process.getuid?.() === 0 ? (["docker", "iptables"] as const) : []),
  ]);
  signal.throwIfAborted();
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
  const servers = hosts.map(({ name, address }) => ({ name, address: `${address}:${servicePort}` }));
  const haproxy = await startHaproxy({ directory: join(directory, "haproxy"), backend: "hello", servers });
  stack.defer(() => haproxy.stop());
  say(`HAProxy: ${haproxy.url}   registry: ${registry.address}   hosts: ${hosts.map(({ name }) => name).join(", ")}`);
  const repository = await makeRepository(join(directory, "hello"));
  stack.defer(() => removeContainers(engine.socketPath, registry.address));
  signal.throwIfAborted();
  const fleet = join(directory, "fleet.yaml");
  await writeFile(
    fleet,
    fleetYaml({ repository, socket: haproxy.socket, front: haproxy.url, engine: engine.socketPath }),
  );
  const data = join(directory, "data");
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [program, "server", "--fleet", fleet, "--data", data, "--port", String(port)], {
    env: { ...process.env, DOCKER_HOST: `unix://${engine.socketPath}`, DATABASE_URL: "" },
    stdio: ["ignore", "ignore", "pipe"],
    // Ctrl-C is for the demo: it stops the server when it is time to.
    detached: true,
  });
  const isReady = async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok;
  const server = await daemonOf(child, { name: "Slipway", isReady, deadlineMs: serverDeadlineMs });
  stack.defer(() => server.stop());
  const token = (await readFile(join(data, "token"), "utf8")).trim();
  const parts = stack.move();
  return {
    url,
    token,
    repository,
    hello: { registry: registry.address, base },
    hints: [`export SLIPWAY_SERVER=${url} SLIPWAY_DATA=${data}`, "./bin/slipway status"],
    startTraffic() {
      const script = join(import.meta.dirname, "traffic.ts");
      const users = new TrafficProgram(
        spawn(process.execPath, [script, haproxy.url], { stdio: ["pipe", "pipe", "inherit"], detached: true }),
      );
      parts.defer(() => users.stop());
      return users;
    },
    stop: () => parts.disposeAsync(),
  };
};

/** On a person's own engine nothing of the demo may stay: its containers, then its images. */
const removeContainers = async (socketPath: string, registry: string): Promise<void> => {
  const call = (method: "GET" | "DELETE", path: string) =>
    callEngine({ socketPath, method, path, deadlineMs: engineDeadlineMs });
  for (const { id } of await containersWith(socketPath, "slipway.service=hello"))
    await call("DELETE", `/containers/${id}?force=true&v=true`);
  const images = JSON.parse(await call("GET", "/images/json")) as {
    Id: string;
    RepoTags: string[] | null;
    RepoDigests: string[] | null;
  }[];
  const ours = images.filter(({ RepoTags, RepoDigests }) =>
    [...(RepoTags ?? []), ...(RepoDigests ?? [])].some((name) => name.startsWith(`${registry}/`)),
  );
  for (const { Id } of ours) await call("DELETE", `/images/${Id}?force=true`);
};

const fleetYaml = ({
  repository,
  socket,
  front,
  engine,
}: {
  repository: string;
  socket: string;
  front: string;
  engine: string;
}): string => `sources:
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
`;
