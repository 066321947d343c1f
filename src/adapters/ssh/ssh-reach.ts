import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { SlipwayError } from "#core/errors.ts";
import type { NetworkSpec } from "#core/fleet.ts";
import type { Endpoint, Reach, Target } from "#ports/reach.ts";
import * as commands from "./commands.ts";
import { serveByDialling } from "./dial-server.ts";
import { accepts, ping } from "./probe.ts";
import { failureOf, sshFailed } from "./replies.ts";
import { runSsh } from "./ssh-program.ts";

/** A socket's path may have 107 bytes; ssh adds 58 of its own to the directory's. */
const directoryLimit = 45;
const closeTimeoutMs = 3_000;

type Deps = { readonly directory: string; readonly knownHostsFile: string };
type Way = {
  readonly network: NetworkSpec;
  readonly destination: commands.Destination;
  readonly target: Target;
  readonly socket: string;
  server?: AsyncDisposable;
};

/** The machines of a network by the OpenSSH program; those of a network without ssh directly. */
export function sshReach(deps: Deps): Reach {
  return new SshReach(deps);
}

class SshReach implements Reach {
  readonly #knownHostsFile: string;
  readonly #wanted: string;
  #directory: Promise<string> | undefined;
  readonly #configs = new Map<string, Promise<string>>();
  readonly #masters = new Map<string, Promise<void>>();
  readonly #ways = new Map<string, Promise<Way>>();
  readonly #opened = new Map<string, { config: string; destination: commands.Destination }>();

  constructor({ directory, knownHostsFile }: Deps) {
    this.#wanted = directory;
    this.#knownHostsFile = knownHostsFile;
  }

  async open(network: NetworkSpec, target: Target, signal: AbortSignal): Promise<Endpoint> {
    signal.throwIfAborted();
    const destination = commands.destinationOf(network, target);
    if (!destination) return directEndpoint(target);
    const key = keyOf(network, target);
    const shared = this.#ways.get(key);
    const opening = shared ?? this.#openWay({ network, destination, target }, signal);
    this.#ways.set(key, opening);
    try {
      return { socketPath: (await opening).socket };
    } catch (error) {
      if (this.#ways.get(key) === opening) this.#ways.delete(key);
      // It was somebody else's attempt, and may have ended only because their time was over.
      if (shared && !signal.aborted) return this.open(network, target, signal);
      throw error;
    }
  }

  forget(network: NetworkSpec, target: Target): void {
    const key = keyOf(network, target);
    const way = this.#ways.get(key);
    this.#ways.delete(key);
    const destination = commands.destinationOf(network, target);
    if (destination) this.#masters.delete(masterKey(network, destination));
    if (network.bastion) this.#masters.delete(masterKey(network, { address: commands.bastionName }));
    // Only this forward ends; other channels of the same connection go on.
    way?.then((open) => this.#closeWay(open)).catch(() => "it was never open");
  }

  async run(
    network: NetworkSpec,
    host: { address: string; name: string; server: string },
    argv: readonly string[],
    signal: AbortSignal,
  ) {
    if (!network.ssh)
      throw new SlipwayError("fault", `${host.name} is reached without ssh: no command can be run on it.`);
    const destination = commands.hostDestination(host);
    await this.#openMaster(network, destination, signal);
    return runSsh(commands.remoteCommand(await this.#config(network), destination, argv), signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ways = await Promise.allSettled(this.#ways.values());
    for (const way of ways) if (way.status === "fulfilled") await way.value.server?.[Symbol.asyncDispose]();
    // Hosts first: their connections go through the bastion's.
    const opened = [...this.#opened.values()].sort((a) => (a.destination.address === commands.bastionName ? 1 : -1));
    for (const { config, destination } of opened)
      await runSsh(commands.closeMaster(config, destination), AbortSignal.timeout(closeTimeoutMs)).catch(
        () => "it had ended already",
      );
    const directory = await this.#directory?.catch(() => undefined);
    if (directory) await rm(directory, { recursive: true, force: true });
  }

  async #openWay(at: Omit<Way, "socket">, signal: AbortSignal): Promise<Way> {
    const { network, destination, target } = at;
    await this.#openMaster(network, destination, signal);
    const config = await this.#config(network);
    const socket = join(await this.#place(), `${keyOf(network, target).slice(0, 16)}.sock`);
    await rm(socket, { force: true });
    const way = { ...at, socket };
    const end = await runSsh(commands.forward(config, destination, way), signal);
    if (end.exitCode !== 0) throw unreachable(destination, end.stderr);
    if (!("unix" in target && "on" in target)) {
      if (await accepts(socket, signal)) return way;
      throw unreachable(destination, "the forwarded socket does not accept connections");
    }
    return this.#proveEngine(way, config, signal);
  }

  /** Docker's socket: asked, since ssh does not say when the far side refuses to forward it. */
  async #proveEngine(way: Way, config: string, signal: AbortSignal): Promise<Way> {
    const answer = await ping(way.socket, signal);
    signal.throwIfAborted();
    if (answer === "answers") return way;
    if (answer === "silent") {
      // A connection whose other end has vanished is of no use to anybody: the next open makes a new one.
      await this.#dropMaster(way.network, way.destination);
      throw unreachable(way.destination, "the connection is open and nothing answers on it");
    }
    await runSsh(commands.cancelForward(config, way.destination, way), signal);
    const server = await serveByDialling(way.socket, commands.dialStdio(config, way.destination));
    const dialled = await ping(way.socket, signal);
    if (dialled === "answers") return { ...way, server };
    await server[Symbol.asyncDispose]();
    const socket = "unix" in way.target ? way.target.unix : "";
    throw new SlipwayError(
      "engine.unreachable",
      `The container engine of ${way.destination.address} did not answer at ${socket}.`,
    );
  }

  /** The bastion's connection first, then the host's: all at once would each log in to the bastion anew. */
  async #openMaster(network: NetworkSpec, destination: commands.Destination, signal: AbortSignal): Promise<void> {
    const isBastion = destination.address === commands.bastionName;
    if (network.bastion && !isBastion) await this.#openMaster(network, { address: commands.bastionName }, signal);
    const key = masterKey(network, destination);
    const shared = this.#masters.get(key);
    const opening = shared ?? this.#openMasterNow(network, destination, signal);
    this.#masters.set(key, opening);
    try {
      await opening;
    } catch (error) {
      if (this.#masters.get(key) === opening) this.#masters.delete(key);
      if (shared && !signal.aborted) return this.#openMaster(network, destination, signal);
      throw error;
    }
  }

  async #openMasterNow(network: NetworkSpec, destination: commands.Destination, signal: AbortSignal): Promise<void> {
    const config = await this.#config(network);
    this.#opened.set(masterKey(network, destination), { config, destination });
    const end = await runSsh(commands.openMaster(config, destination), signal);
    if (end.exitCode !== sshFailed) return;
    throw unreachable(nameOf(network, destination), end.stderr);
  }

  async #dropMaster(network: NetworkSpec, destination: commands.Destination): Promise<void> {
    this.#masters.delete(masterKey(network, destination));
    const config = await this.#config(network);
    await runSsh(commands.closeMaster(config, destination), AbortSignal.timeout(closeTimeoutMs)).catch(
      () => "it had ended already",
    );
  }

  async #closeWay(way: Way): Promise<void> {
    await way.server?.[Symbol.asyncDispose]();
    const config = await this.#config(way.network);
    await runSsh(commands.cancelForward(config, way.destination, way), AbortSignal.timeout(closeTimeoutMs));
  }

  /** One file for each network as it is configured now. */
  #config(network: NetworkSpec): Promise<string> {
    const key = JSON.stringify(network);
    const writing = this.#configs.get(key) ?? this.#writeConfig(network, key);
    this.#configs.set(key, writing);
    return writing;
  }

  async #writeConfig(network: NetworkSpec, key: string): Promise<string> {
    const directory = await this.#place();
    const own = network.ssh?.knownHostsFile;
    const knownHosts = own ? [own] : [this.#knownHostsFile, join(homedir(), ".ssh", "known_hosts")];
    const config = join(directory, `${hash(key).slice(0, 12)}.conf`);
    await writeFile(config, commands.configText(network, { directory, knownHosts }), { mode: 0o600 });
    return config;
  }

  /** A private directory whose name is short enough, empty of what a killed server left. */
  #place(): Promise<string> {
    this.#directory ??= this.#makePlace();
    return this.#directory;
  }

  async #makePlace(): Promise<string> {
    if (this.#wanted.length > directoryLimit) return mkdtemp(join(tmpdir(), "slipway-ssh-"));
    await mkdir(this.#wanted, { recursive: true, mode: 0o700 });
    // Sockets of a dead server: its connections end by themselves, and a new server must not share them.
    for (const entry of await readdir(this.#wanted))
      await rm(join(this.#wanted, entry), { force: true, recursive: true });
    return this.#wanted;
  }
}

function directEndpoint(target: Target): Endpoint {
  if ("unix" in target) return { socketPath: target.unix };
  return { host: "on" in target ? target.on.address : target.address, port: target.port };
}

const nameOf = ({ bastion }: NetworkSpec, destination: commands.Destination): commands.Destination =>
  destination.address === commands.bastionName && bastion
    ? { ...destination, address: `${commands.bastionName} ${bastion.address}` }
    : destination;

function unreachable({ address }: commands.Destination, words: string): SlipwayError {
  const isBastion = address.startsWith(commands.bastionName);
  const { code, why } = failureOf(words, isBastion);
  const name = isBastion ? `the bastion${address.slice(commands.bastionName.length)}` : address;
  return new SlipwayError(code, `Could not reach ${name} by SSH: ${why}`, {
    host: isBastion ? name : address,
    command: `ssh ${isBastion ? name : address}`,
    ...(words.trim() ? { lastLines: words.trim().split("\n").slice(-8).join("\n") } : {}),
  });
}

const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
const keyOf = (network: NetworkSpec, target: Target): string => hash(JSON.stringify([network, target]));
const masterKey = (network: NetworkSpec, destination: commands.Destination): string =>
  hash(JSON.stringify([network, destination]));
