import type { Alerts, AlertsAt, Silence } from "#ports/alerts.ts";
import type { Clock } from "#ports/clock.ts";
import { askHttp } from "./ask-http.ts";

const summaryLimit = 1_024;

/**
 * A change event tells those on call what is going on beside their incidents; it silences nothing:
 * https://developer.pagerduty.com/docs/send-change-event. Sent at the beginning and at the end, once each: the lease is
 * not renewed there.
 */
export const pagerduty = (clock: Clock): Alerts => {
  const told = new Set<string>();
  const tell = async (at: AlertsAt, silence: Silence, phase: "begins" | "ended", signal: AbortSignal) => {
    const key = `${silence.owner} ${phase}`;
    if (told.has(key) || at.spec.kind !== "pagerduty") return;
    const url = `${at.spec.url}/v2/change/enqueue`;
    const body = { ...changeEvent(silence, phase, clock.now()), routing_key: at.secret?.reveal() };
    await askHttp({ name: at.spec.name, method: "POST", url, body }, signal);
    told.add(key);
  };
  return {
    silence: (at, silence, signal) => tell(at, silence, "begins", signal),
    lift: (at, silence, signal) => tell(at, silence, "ended", signal),
  };
};

export const changeEvent = (
  { words, service, environment }: Silence,
  phase: "begins" | "ended",
  nowMs: number,
): { readonly payload: Readonly<Record<string, unknown>> } => ({
  payload: {
    summary: `${words} in ${environment} ${phase}`.slice(0, summaryLimit),
    timestamp: new Date(nowMs).toISOString(),
    source: "slipway",
    custom_details: { service, environment },
  },
});
