import { SlipwayError } from "#core/errors.ts";
import type { BalancerSpec } from "#core/fleet.ts";
import type { Target } from "#ports/reach.ts";

/** What HAProxy itself allows in the names of backends and servers; `;` or a newline would be a second command. */
const namePattern = /^[A-Za-z0-9_.:-]+$/;

/**
 * Servers only (type 4), every server id (-1). With it the bits that `show stat` does not tell (see replies.ts), and
 * which process it is that answers.
 */
export const showServers = (backend: string): string =>
  `show stat ${named(backend)} 4 -1;show servers state ${named(backend)};show info`;

/**
 * The backend's own row (type 2), three times: HAProxy's threads count while it is read, so that one reading may catch
 * a request between two counters.
 */
export const showCounters = (backend: string): string => `${`show stat ${named(backend)} 2 -1;`.repeat(3)}show info`;

/** The backend's own row (2) and its servers' (4). */
export const showTimers = (backend: string): string => `show stat ${named(backend)} 6 -1;show info`;

export const showBackends = "show backend";

export const setState = (backend: string, server: string, state: "drain" | "ready"): string =>
  `set server ${named(backend)}/${named(server)} state ${state}`;

/**
 * The connections that HAProxy keeps to a drained server for requests to come are closed. Only maintenance does that, and
 * before HAProxy 3.3 only of a server that is up; drained again in the same breath, it keeps its health.
 */
export const dropIdleConnections = (backend: string, server: string): string =>
  `set server ${named(backend)}/${named(server)} state maint;${setState(backend, server, "drain")}`;

/** The server counts as down until HAProxy's own check has been good `rise` times from now on. */
export const setHealthDown = (backend: string, server: string): string =>
  `set server ${named(backend)}/${named(server)} health down`;

function named(name: string): string {
  if (namePattern.test(name)) return name;
  throw new SlipwayError(
    "balancer.unknown-server",
    `HAProxy cannot have a backend or server named ${JSON.stringify(name)}: names hold letters, digits, "_", ".", ":" and "-".`,
  );
}

/** Where the runtime socket is: on this machine, or somewhere in the network. */
export type SocketPlace = { readonly local: string } | { readonly remote: Target };

export function socketPlace(balancer: BalancerSpec): SocketPlace {
  const unix = /^unix:\/\/(\/.+)$/.exec(balancer.socket);
  if (unix?.[1]) return { local: unix[1] };
  const tcp = /^tcp:\/\/(?:\[([^\]]+)\]|([^:/]+)):(\d{1,5})$/.exec(balancer.socket);
  const address = tcp?.[1] ?? tcp?.[2];
  if (address) return { remote: { address, port: Number(tcp?.[3]) } };
  const ssh = /^ssh:\/\/([^@/:]+)@(?:\[([^\]]+)\]|([^:/]+))(\/.+)$/.exec(balancer.socket);
  const machine = ssh?.[2] ?? ssh?.[3];
  if (ssh?.[1] && machine && ssh[4]) return { remote: { user: ssh[1], address: machine, unix: ssh[4] } };
  throw new SlipwayError(
    "balancer.unreachable",
    `${balancer.name}: ${JSON.stringify(balancer.socket)} is no socket; expected unix:///path, tcp://address:port or ssh://user@address/path.`,
  );
}
