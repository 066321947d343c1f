import type { EngineHost } from "#ports/containers.ts";

export type Answer =
  | { readonly status: number; readonly body: string; readonly ms: number }
  /** No answer: refused, reset, timed out; in words. */
  | { readonly status: 0; readonly body: string; readonly ms: number };

/** Asks a program on a host, from that host's own network. */
export interface Checks {
  /**
   * One GET request to the port on the host. Resolves also when there is no answer (status 0, the reason as body);
   * the body is cut at 4 KiB. Redirects are not followed. Rejects only when the way to the host is broken
   * (host.unreachable, bastion.unreachable, host.key-changed) or the signal is aborted.
   */
  get(at: EngineHost, request: { port: number; path: string; timeoutMs: number }, signal: AbortSignal): Promise<Answer>;
}
