import type { AutoscalingSpec } from "#core/fleet.ts";

/**
 * What adds hosts to a group and takes them away by itself. During a rollout it must do neither: a host that is drained
 * looks idle to it, and one that is added runs what nobody decided on. Both verbs read back before they resolve, may be
 * called again, fail with autoscaling.unreachable or autoscaling.refused, and reject with the signal's reason.
 */
export interface Autoscaling {
  /** The names of its processes that are suspended now, by whomever. */
  suspended(group: AutoscalingSpec, signal: AbortSignal): Promise<readonly string[]>;
  /** Every process that a rollout needs still is suspended; those that were stay so. */
  suspend(group: AutoscalingSpec, signal: AbortSignal): Promise<void>;
  /** Resumed is every process that `suspend` suspends, but for those in `keep`: they were suspended before. */
  resume(group: AutoscalingSpec, keep: readonly string[], signal: AbortSignal): Promise<void>;
}
