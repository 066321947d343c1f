import type { AutoscalingSpec } from "#core/fleet.ts";
import type { Autoscaling } from "#ports/autoscaling.ts";

/** The processes that a rollout needs still, as a cloud names them. */
const needed = ["Launch", "Terminate", "HealthCheck"];

/** Groups in memory whose processes can be suspended. */
export class SimulatedAutoscaling implements Autoscaling {
  readonly #suspended = new Map<string, Set<string>>();

  suspendByHand(group: string, process: string): void {
    this.#of(group).add(process);
  }

  async suspended({ name }: AutoscalingSpec, signal: AbortSignal): Promise<readonly string[]> {
    signal.throwIfAborted();
    return [...this.#of(name)].sort();
  }

  async suspend({ name }: AutoscalingSpec, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    for (const process of needed) this.#of(name).add(process);
  }

  async resume({ name }: AutoscalingSpec, keep: readonly string[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    for (const process of needed) if (!keep.includes(process)) this.#of(name).delete(process);
  }

  #of(group: string): Set<string> {
    const set = this.#suspended.get(group) ?? new Set();
    this.#suspended.set(group, set);
    return set;
  }
}
