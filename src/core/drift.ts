/** What should run on a host: the release of the last good rollout. */
export type Live = { readonly release: number; readonly digest: string };

/** What was seen of a host that should run it. */
export type DriftSight = {
  readonly release?: number;
  readonly digest?: string;
  readonly inService?: boolean;
  readonly balancerState?: string;
  readonly problem?: string;
};

export type DriftKind = "release" | "stopped" | "out-of-service" | "unreachable";
export type Drift = { readonly kind: DriftKind; readonly message: string };

/** How a host differs from what should run there, the gravest first; undefined when it does not. */
export function driftOf(sight: DriftSight, live: Live): Drift | undefined {
  if (sight.problem !== undefined) return { kind: "unreachable", message: sight.problem };
  if (sight.release === undefined) return { kind: "stopped", message: `release ${live.release} does not run here` };
  if (sight.release !== live.release)
    return { kind: "release", message: `runs release ${sight.release}; ${live.release} is live` };
  if (sight.digest !== live.digest)
    return { kind: "release", message: `runs another image than release ${live.release} has` };
  if (sight.inService === false)
    return { kind: "out-of-service", message: `gets no requests: ${sight.balancerState ?? "out of service"}` };
  return undefined;
}
