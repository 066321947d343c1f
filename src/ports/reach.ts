import type { HostSpec, NetworkSpec } from "#core/fleet.ts";

/** Where a stream should end, as seen from inside a network. */
export type Target =
  /** A TCP port of the host itself (its loopback), or of its address where the network has no ssh. */
  | { readonly on: HostSpec; readonly port: number }
  /** A unix socket on the host. */
  | { readonly on: HostSpec; readonly unix: string }
  /** An address and port of the network, seen from its bastion (or from here, without a bastion). */
  | { readonly address: string; readonly port: number }
  /** The standard streams of a command on the host: each connection runs it anew. Needs ssh. */
  | { readonly on: HostSpec; readonly command: readonly string[] }
  /** A unix socket on another machine of the network, by ssh as that user. */
  | { readonly user: string; readonly address: string; readonly unix: string };

/** What a client on this machine connects to. */
export type Endpoint = { readonly socketPath: string } | { readonly host: string; readonly port: number };

/** How a network's machines are reached: directly, or by SSH, or through its bastion. */
export interface Reach {
  /**
   * Resolves with an endpoint on this machine that a client can connect to now; connections through it end at the
   * target. Opens or reuses what is needed, and was proved to answer when it resolves. Safe to call for every use.
   * Fails: bastion.unreachable, host.unreachable, host.key-changed, deadline.exceeded.
   */
  open(network: NetworkSpec, target: Target, signal: AbortSignal): Promise<Endpoint>;
  /**
   * Forgets an endpoint that has stopped answering: the next `open` makes a new one, unless somebody else who noticed
   * has made it already. Connections that others still have through it are not cut.
   */
  forget(network: NetworkSpec, target: Target, endpoint: Endpoint): void;
  /** Runs a fixed command on the host and resolves with its output, whatever its exit code: for `doctor` only. */
  run(
    network: NetworkSpec,
    host: HostSpec,
    argv: readonly string[],
    signal: AbortSignal,
  ): Promise<{ exitCode: number; stdout: string; stderr: string }>;
  /** Closes every connection it opened and removes their files. */
  [Symbol.asyncDispose](): Promise<void>;
}
