import type { Autoscaling } from "#ports/autoscaling.ts";

/** The processes that a rollout needs still, as a cloud names them. */
const needed = ["Launch", "Terminate", "HealthCheck"];

/** Groups in memory whose processes can be suspended. */
export class SimulatedAutoscaling {
  readonly #suspended = new Map<string, Set<string>>();

  suspendByHand(group: string, process: string): void {
    this.#of(group).add(process);
  }

  suspended(group: string): readonly string[] {
    return [...this.#of(group)].sort();
  }

  port(): Autoscaling {
    return {
      suspended: async ({ name }, signal) => {
        signal.throwIfAborted();
        return this.suspended(name);
      },
      suspend: async ({ name }, signal) => {
        signal.throwIfAborted();
        for (const process of needed) this.#of(name).add(process);
      },
      resume: async ({ name }, keep, signal) => {
        signal.throwIfAborted();
        for (const process of needed) if (!keep.includes(process)) this.#of(name).delete(process);
      },
    };
  }

  #of(group: string): Set<string> {
    const set = this.#suspended.get(group) ?? new Set();
    this.#suspended.set(group, set);
    return set;
  }
}
