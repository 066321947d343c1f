import type { Alerts } from "#ports/alerts.ts";

/** Who is silent for whom, in memory. */
export class SimulatedAlerts {
  /** Until when, by the alerts and the owner. */
  readonly silentFor = new Map<string, string>();

  port(): Alerts {
    return {
      silence: async ({ spec }, { owner, until }, signal) => {
        signal.throwIfAborted();
        this.silentFor.set(`${spec.name} ${owner}`, until);
      },
      lift: async ({ spec }, { owner }, signal) => {
        signal.throwIfAborted();
        this.silentFor.delete(`${spec.name} ${owner}`);
      },
    };
  }
}
