import { SlipwayError } from "#core/errors.ts";
import type { AlertsSpec } from "#core/fleet.ts";
import type { Alerts, AlertsAt, Silence } from "#ports/alerts.ts";
import type { Clock } from "#ports/clock.ts";
import { askHttp } from "./ask-http.ts";

const summaryLimit = 1_024;
/** So many tellings are remembered: more than any server has under way. */
const remembered = 10_000;

type Spec = Extract<AlertsSpec, { kind: "pagerduty" }>;
type Phase = "begins" | "ended";

/**
 * A change event tells those on call what is going on beside their incidents; it silences nothing:
 * https://developer.pagerduty.com/docs/send-change-event. Sent at the beginning and at the end, once each: the lease is
 * renewed there only where the beginning could not be told.
 */
export const pagerduty = (clock: Clock): Alerts => {
  const tellings = new Map<string, "told" | "missed">();
  const tell = async (at: AlertsAt, silence: Silence, phase: Phase, signal: AbortSignal) => {
    const spec = specOf(at);
    const key = `${spec.name} ${spec.url} ${spec.secret.secret} ${silence.owner} ${phase}`;
    const before = tellings.get(key) ?? (silence.isRenewal ? "told" : "missed");
    if (before === "told") return;
    tellings.set(key, "missed");
    const body = { ...changeEvent(silence, phase, clock.now()), routing_key: at.secret?.reveal() };
    await askHttp({ name: spec.name, method: "POST", url: `${spec.url}/v2/change/enqueue`, body }, signal);
    tellings.set(key, "told");
    for (const oldest of tellings.keys()) if (tellings.size > remembered) tellings.delete(oldest);
  };
  return {
    silence: (at, silence, signal) => tell(at, silence, "begins", signal),
    lift: (at, silence, signal) => tell(at, silence, "ended", signal),
  };
};

export const changeEvent = (
  { words, url, service, environment }: Silence,
  phase: Phase,
  nowMs: number,
): { readonly payload: Readonly<Record<string, unknown>>; readonly links: readonly unknown[] } => ({
  payload: {
    summary: `${words} in ${environment} ${phase}`.slice(0, summaryLimit),
    timestamp: new Date(nowMs).toISOString(),
    source: "slipway",
    custom_details: { service, environment },
  },
  links: [{ href: url, text: words }],
});

function specOf({ spec }: AlertsAt): Spec {
  if (spec.kind === "pagerduty") return spec;
  throw new SlipwayError("fault", `${spec.name} is no PagerDuty.`);
}
