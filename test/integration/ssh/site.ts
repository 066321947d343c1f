import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, request, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostSpec, NetworkSpec } from "#core/fleet.ts";
import type { Endpoint } from "#ports/reach.ts";
import { freePort, Machine, makeKey } from "./machine.ts";

/** A bastion and a host behind it, with something like an engine and an application on the host. */
export type Site = {
  readonly directory: string;
  readonly bastion: Machine;
  readonly host: Machine;
  /** A host that forwards no unix sockets. */
  readonly closed: Machine;
  readonly engineSocket: string;
  readonly appPort: number;
  readonly knownHostsFile: string;
  readonly strangerKey: string;
  network(more?: Partial<NetworkSpec>): NetworkSpec;
  withoutBastion(machine?: Machine): NetworkSpec;
  writeKnownHosts(...machines: readonly Machine[]): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export async function openSite(): Promise<Site> {
  const directory = await mkdtemp(join(tmpdir(), "slipway-site-"));
  const at = (name: string) => join(directory, name);
  const [userKey, strangerKey] = [at("user"), at("stranger")];
  await makeKey(userKey);
  await makeKey(strangerKey);
  const engine = await serve(at("engine.sock"), "engine");
  const app = await serve(0, "app");
  const docker = await fakeDocker(directory, at("engine.sock"));
  const host = await Machine.make(directory, { address: "127.0.0.3", userKey });
  const options = ["AllowStreamLocalForwarding no", `SetEnv PATH=${docker}:/usr/bin:/bin`];
  const closed = await Machine.make(directory, { address: "127.0.0.4", userKey, options });
  const permitted = [`PermitOpen ${host.address}:${host.port} ${host.address}:1`, "PermitTTY no"];
  const bastion = await Machine.make(directory, { address: "127.0.0.2", userKey, options: permitted });
  const machines = [host, closed, bastion];
  const knownHostsFile = at("known_hosts");
  const writeKnownHosts = async (...known: readonly Machine[]) =>
    writeFile(knownHostsFile, (await Promise.all(known.map((machine) => machine.knownHostsLine()))).join(""));
  await writeKnownHosts(...machines);
  const login = { user: "root", keyFile: userKey };
  const base = { name: "private", dockerSocket: at("engine.sock") };
  const withoutBastion = ({ port } = host) => ({ ...base, ssh: { ...login, port } });
  return {
    ...{ directory, bastion, host, closed, engineSocket: base.dockerSocket, appPort: portOf(app) },
    ...{ knownHostsFile, strangerKey, writeKnownHosts, withoutBastion },
    network: (more) => ({
      ...withoutBastion(),
      bastion: { ...login, address: bastion.address, port: bastion.port },
      ...more,
    }),
    async [Symbol.asyncDispose]() {
      for (const machine of machines) await machine.stop();
      for (const server of [engine, app]) {
        server.close();
        server.closeAllConnections();
      }
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function serve(at: string | number, name: string): Promise<Server> {
  const server = createServer(({ url }, response) => response.end(`${name} ${url}`));
  if (typeof at === "string") server.listen(at);
  else server.listen(at, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address !== "object") throw new Error("the server has no port");
  return address.port;
}

/** Plays `docker system dial-stdio`. */
async function fakeDocker(directory: string, socket: string): Promise<string> {
  const script = `const socket = require("node:net").connect(${JSON.stringify(socket)});
process.stdin.pipe(socket).pipe(process.stdout);`;
  await writeFile(join(directory, "dial.cjs"), script);
  await writeFile(
    join(directory, "docker"),
    `#!/bin/sh\n[ "$*" = "system dial-stdio" ] || exit 64\nexec "${process.execPath}" "${join(directory, "dial.cjs")}"\n`,
  );
  await chmod(join(directory, "docker"), 0o755);
  return directory;
}

export const hostSpec = ({ address }: { address: string }): HostSpec => ({ name: "web-1", address, server: "web-1" });

export const closedPort = (): Promise<number> => freePort("127.0.0.1");

const getTimeoutMs = 10_000;

/** What an HTTP server at the endpoint answers. */
export const get = (endpoint: Endpoint, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(getTimeoutMs);
    request({ ...endpoint, path, agent: false, signal }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      response.on("end", () => resolve(body)).on("error", reject);
    })
      .on("error", reject)
      .end();
  });
