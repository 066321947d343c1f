import { alertsContract } from "#ports/alerts.contract.ts";
import { SimulatedAlerts } from "#simulator/simulated-alerts.ts";

const entry = (name: string) =>
  ({ spec: { kind: "command", name, hold: ["quiet"], release: ["loud"], timeoutMs: 1_000 } }) as const;

alertsContract("simulated alerts", () => {
  const alerts = new SimulatedAlerts();
  return {
    alerts: alerts.port(),
    at: entry("pager"),
    beside: entry("pager 2"),
    hasEnds: true,
    async inForce({ spec }, owner) {
      const endsAt = alerts.silentFor.get(`${spec.name} ${owner}`);
      return endsAt === undefined ? { count: 0 } : { count: 1, endsAt };
    },
    async silenceByHand() {
      alerts.silentFor.set("by hand", "for ever");
      return async () => alerts.silentFor.has("by hand");
    },
  };
});
