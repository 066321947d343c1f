import { rm } from "node:fs/promises";
import { SlipwayError } from "#core/errors.ts";
import type { HostSpec, NetworkSpec } from "#core/fleet.ts";
import type { Endpoint, Reach, Target } from "#ports/reach.ts";
import * as commands from "./commands.ts";
import { type DialServer, serveByDialling } from "./dial-server.ts";
import { hash } from "./hash.ts";
import { type End, Masters, unreachable } from "./masters.ts";
import { Place } from "./place.ts";
import { accepts, ping } from "./probe.ts";
import { SharedAttempts } from "./shared-attempts.ts";
import { runSsh } from "./ssh-program.ts";

const cancelTimeoutMs = 3_000;

type Way = End & { readonly target: Target; readonly socket: string; readonly server?: DialServer };

/** The machines of a network by the OpenSSH program; those of a network without ssh directly. */
export function sshReach(deps: { readonly directory: string; readonly knownHostsFile: string }): Reach {
  return new SshReach(new Place(deps));
}

class SshReach implements Reach {
  readonly #place: Place;
  readonly #masters: Masters;
  readonly #ways = new SharedAttempts<Way>();
  /** Also those that are forgotten and still carry somebody's connection. */
  readonly #servers = new Set<DialServer>();

  constructor(place: Place) {
    this.#place = place;
    this.#masters = new Masters(place);
  }

  async open(network: NetworkSpec, target: Target, signal: AbortSignal): Promise<Endpoint> {
    signal.throwIfAborted();
    const destination = commands.destinationOf(network, target);
    if (!destination) return directEndpoint(target);
    const open = () => this.#ways.get(keyOf(network, target), make, signal);
    let isNew = false;
    const make = () => {
      isNew = true;
      return this.#openWay({ network, destination, target }, signal);
    };
    const way = await open();
    // ssh ends a connection that nobody has used for a while, and its forwards with it.
    if (isNew || (await accepts(way.socket, signal))) return { socketPath: way.socket };
    signal.throwIfAborted();
    this.forget(network, target, { socketPath: way.socket });
    return { socketPath: (await open()).socket };
  }

  forget(network: NetworkSpec, target: Target, endpoint: Endpoint): void {
    const destination = commands.destinationOf(network, target);
    const made = this.#ways.made(keyOf(network, target));
    // Of those who used it, the first who noticed has made a new one, or is making it.
    if (!destination || !made || !("socketPath" in endpoint) || made.socket !== endpoint.socketPath) return;
    // A command's way is made for one use; whether ssh failed under it, its end has told.
    if (!("command" in target)) this.#masters.doubt({ network, destination });
    // Only this forward ends; other channels of the same connection go on.
    this.#ways
      .forget(keyOf(network, target))
      .then((way) => way && this.#closeWay(way))
      .catch(() => "its connection has ended, and the forward with it");
  }

  async run(network: NetworkSpec, host: HostSpec, argv: readonly string[], signal: AbortSignal) {
    if (!network.ssh)
      throw new SlipwayError("fault", `${host.name} is reached without ssh: no command can be run on it.`);
    const destination = commands.hostDestination(host);
    await this.#masters.open({ network, destination }, signal);
    return runSsh(commands.remoteCommand(await this.#place.config(network), destination, argv), signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ways.forgetAll();
    await Promise.all([...this.#servers].map((server) => server.end()));
    this.#servers.clear();
    await this.#masters.closeAll();
    await this.#place.remove();
  }

  async #openWay(at: End & { target: Target }, signal: AbortSignal): Promise<Way> {
    const config = await this.#place.config(at.network);
    const way = { ...at, socket: await this.#place.newSocket() };
    if ("command" in at.target) return this.#serveCommand(way, at.target.command, signal);
    const forward = async () => {
      await this.#masters.open(at, signal);
      return runSsh(commands.forward(config, at.destination, way), signal);
    };
    let end = await forward();
    if (end.exitCode !== 0) {
      // The shared connection has ended since it was opened.
      this.#masters.doubt(at);
      end = await forward();
    }
    if (end.exitCode !== 0) throw unreachable(at, end.stderr);
    if ("unix" in at.target && "on" in at.target) return this.#proveEngine(way, config, signal);
    if (await accepts(way.socket, signal)) return way;
    signal.throwIfAborted();
    throw unreachable(at, "the forwarded socket does not accept connections");
  }

  async #serveCommand(way: Way, command: readonly string[], signal: AbortSignal): Promise<Way> {
    await this.#masters.open(way, signal);
    const config = await this.#place.config(way.network);
    const server = await this.#serve(way, commands.remoteCommand(config, way.destination, command));
    return { ...way, server };
  }

  /** Docker's socket: asked, since ssh does not say when the far side refuses to forward it. */
  async #proveEngine(way: Way, config: string, signal: AbortSignal): Promise<Way> {
    const answer = await ping(way.socket, signal);
    signal.throwIfAborted();
    if (answer === "answers") return way;
    if (answer === "silent") {
      // A connection whose other end has vanished is of no use to anybody: the next open makes a new one.
      await this.#masters.drop(way);
      throw unreachable(way, "the connection is open and nothing answers on it");
    }
    await runSsh(commands.cancelForward(config, way.destination, way), signal);
    const server = await this.#serve(way, commands.dialStdio(config, way.destination));
    if ((await ping(way.socket, signal)) === "answers") return { ...way, server };
    this.#servers.delete(server);
    await server.end();
    signal.throwIfAborted();
    const socket = "unix" in way.target ? way.target.unix : "";
    throw new SlipwayError(
      "engine.unreachable",
      `The container engine of ${way.destination.address} did not answer at ${socket}.`,
      { host: way.destination.address },
    );
  }

  async #serve(way: Way, args: readonly string[]): Promise<DialServer> {
    const server = await serveByDialling(way.socket, args, () => this.#masters.doubt(way));
    this.#servers.add(server);
    return server;
  }

  async #closeWay(way: Way): Promise<void> {
    way.server?.close();
    if (way.server && "command" in way.target) this.#servers.delete(way.server);
    const config = await this.#place.config(way.network);
    const cancel = commands.cancelForward(config, way.destination, way);
    if (!way.server) await runSsh(cancel, AbortSignal.timeout(cancelTimeoutMs));
    await rm(way.socket, { force: true });
  }
}

function directEndpoint(target: Target): Endpoint {
  if ("unix" in target) return { socketPath: target.unix };
  if ("command" in target) throw new SlipwayError("fault", "A command can be reached by ssh only.");
  return { host: "on" in target ? target.on.address : target.address, port: target.port };
}

const keyOf = (network: NetworkSpec, target: Target): string => hash(JSON.stringify([network, target]));
