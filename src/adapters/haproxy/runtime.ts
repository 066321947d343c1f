import { distance } from "fastest-levenshtein";
import { SlipwayError } from "#core/errors.ts";
import type { BalancerAt, BalancerCounters, BalancerTimers } from "#ports/balancer.ts";
import type { Clock } from "#ports/clock.ts";
import type { Reach } from "#ports/reach.ts";
import { showBackends, showCounters, showServers, showTimers } from "./commands.ts";
import { type HaproxyServer, type HaproxyServers, readBackends, readComplaint, readServers } from "./replies.ts";
import { ask, NoAnswer } from "./runtime-socket.ts";
import { readCounters, readTimers } from "./traffic-replies.ts";

/** Questions and orders to one HAProxy, with its complaints turned into our errors. */
export class Runtime {
  readonly #reach: Reach;
  readonly #clock: Clock;

  constructor(reach: Reach, clock: Clock) {
    this.#reach = reach;
    this.#clock = clock;
  }

  async servers(at: BalancerAt, signal: AbortSignal): Promise<readonly HaproxyServer[]> {
    return (await this.#read(at, await ask(this.#reach, at, showServers(at.balancer.backend), signal), signal)).servers;
  }

  /** One server, by a process that will still be there: what one that is ending says is no ground to act on. */
  async server(at: BalancerAt, name: string, signal: AbortSignal): Promise<HaproxyServer> {
    const line = showServers(at.balancer.backend);
    return pick(
      at,
      name,
      await this.#readLasting(at, { line, reply: await ask(this.#reach, at, line, signal) }, signal),
    );
  }

  /** HAProxy took the order; the server as it is right after it, read over the same connection. */
  async order(at: BalancerAt, name: string, order: string, signal: AbortSignal): Promise<HaproxyServer> {
    const reply = await ask(this.#reach, at, `${order};${showServers(at.balancer.backend)}`, signal);
    const complaint = readComplaint(reply);
    if (complaint !== "") throw refused(at, order, complaint);
    return pick(at, name, await this.#readLasting(at, { line: order, reply }, signal));
  }

  async counters(at: BalancerAt, signal: AbortSignal): Promise<BalancerCounters> {
    const reply = await ask(this.#reach, at, showCounters(at.balancer.backend), signal);
    return readCounters(reply, this.#clock.now()) ?? (await this.#noBackend(at, signal));
  }

  async timers(at: BalancerAt, signal: AbortSignal): Promise<BalancerTimers> {
    const reply = await ask(this.#reach, at, showTimers(at.balancer.backend), signal);
    return readTimers(reply, this.#clock.now()) ?? (await this.#noBackend(at, signal));
  }

  async #read(at: BalancerAt, reply: string, signal: AbortSignal): Promise<HaproxyServers> {
    return readServers(reply, this.#clock.now()) ?? (await this.#noBackend(at, signal));
  }

  async #readLasting(at: BalancerAt, { line, reply }: Exchange, signal: AbortSignal) {
    const { servers, process } = await this.#read(at, reply, signal);
    if (!process.isStopping) return servers;
    const words = `${at.balancer.name} is ending (\`${line}\`), and the process that follows it does not answer yet.`;
    throw new NoAnswer("balancer.unreachable", words, { command: line });
  }

  async #noBackend(at: BalancerAt, signal: AbortSignal): Promise<never> {
    const names = readBackends(await ask(this.#reach, at, showBackends, signal));
    throw unknown(`${at.balancer.name} has no backend ${at.balancer.backend}`, at.balancer.backend, names);
  }
}

type Exchange = { readonly line: string; readonly reply: string };

function pick(at: BalancerAt, name: string, servers: readonly HaproxyServer[]): HaproxyServer {
  const found = servers.find(({ sight }) => sight.server === name);
  if (found) return found;
  const names = servers.map(({ sight }) => sight.server);
  throw unknown(`Backend ${at.balancer.backend} of ${at.balancer.name} has no server ${name}`, name, names);
}

function refused(at: BalancerAt, line: string, complaint: string): SlipwayError {
  const message = `${at.balancer.name} refused \`${line}\`: ${complaint}`;
  if (/^No such (server|backend)/.test(complaint)) return new SlipwayError("balancer.unknown-server", message);
  const denied = complaint.startsWith("Permission denied");
  const advice = denied ? { advice: "Give the runtime socket `level admin` in HAProxy's `global` section." } : {};
  return new SlipwayError("balancer.unreachable", message, { command: line, ...advice });
}

function unknown(message: string, name: string, names: readonly string[]): SlipwayError {
  const nearest = names.toSorted((a, b) => distance(name, a) - distance(name, b)).slice(0, 3);
  const hint = nearest.length ? `; the nearest it has: ${nearest.join(", ")}` : "; it has none";
  return new SlipwayError("balancer.unknown-server", `${message}${hint}.`);
}
