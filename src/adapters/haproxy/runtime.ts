import { distance } from "fastest-levenshtein";
import { SlipwayError } from "#core/errors.ts";
import type { BalancerAt, BalancerCounters } from "#ports/balancer.ts";
import type { Reach } from "#ports/reach.ts";
import { showBackends, showCounters, showServers } from "./commands.ts";
import { type HaproxyServer, readBackends, readComplaint, readCounters, readServers } from "./replies.ts";
import { ask } from "./runtime-socket.ts";

/** Questions and orders to one HAProxy, with its complaints turned into our errors. */
export class Runtime {
  readonly #reach: Reach;

  constructor(reach: Reach) {
    this.#reach = reach;
  }

  async servers(at: BalancerAt, signal: AbortSignal): Promise<readonly HaproxyServer[]> {
    const servers = readServers(await ask(this.#reach, at, showServers(at.balancer.backend), signal));
    return servers ?? (await this.#noBackend(at, signal));
  }

  async server(at: BalancerAt, name: string, signal: AbortSignal): Promise<HaproxyServer> {
    return pick(at, name, await this.servers(at, signal));
  }

  /** HAProxy took the order; the server as it is right after it, read over the same connection. */
  async order(at: BalancerAt, name: string, line: string, signal: AbortSignal): Promise<HaproxyServer> {
    const reply = await ask(this.#reach, at, `${line};${showServers(at.balancer.backend)}`, signal);
    const complaint = readComplaint(reply);
    if (complaint !== "") throw refused(at, line, complaint);
    return pick(at, name, readServers(reply) ?? (await this.#noBackend(at, signal)));
  }

  async counters(at: BalancerAt, nowMs: number, signal: AbortSignal): Promise<BalancerCounters> {
    const counters = readCounters(await ask(this.#reach, at, showCounters(at.balancer.backend), signal), nowMs);
    return counters ?? (await this.#noBackend(at, signal));
  }

  async #noBackend(at: BalancerAt, signal: AbortSignal): Promise<never> {
    const names = readBackends(await ask(this.#reach, at, showBackends, signal));
    throw unknown(`${at.balancer.name} has no backend ${at.balancer.backend}`, at.balancer.backend, names);
  }
}

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
