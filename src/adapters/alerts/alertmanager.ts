import { SlipwayError } from "#core/errors.ts";
import type { AlertsSpec } from "#core/fleet.ts";
import type { Alerts, AlertsAt, Silence } from "#ports/alerts.ts";
import type { Clock } from "#ports/clock.ts";
import { type Call, createdBy, endSilence, listSilences, putSilence } from "./alertmanager-commands.ts";
import { type KeptSilence, silencesOf } from "./alertmanager-replies.ts";
import { askHttp } from "./ask-http.ts";

type Spec = Extract<AlertsSpec, { kind: "alertmanager" }>;

/** Silences at an Alertmanager. Each has an end of its own: should Slipway stay dead, alerts come back by themselves. */
export const alertmanager = (clock: Clock): Alerts => ({
  async silence(at, silence, signal) {
    const spec = specOf(at);
    const [first] = await kept(at, silence, signal);
    const startsAt = first?.startsAt ?? new Date(clock.now()).toISOString();
    await send(at, putSilence(silence, spec, { startsAt, ...(first ? { id: first.id } : {}) }), signal);
  },
  async lift(at, silence, signal) {
    for (const { id } of await kept(at, silence, signal)) await send(at, endSilence(id), signal);
  },
});

async function kept(at: AlertsAt, silence: Silence, signal: AbortSignal): Promise<readonly KeptSilence[]> {
  const found = silencesOf(await send(at, listSilences, signal), createdBy(at.spec.name, silence));
  if (found) return found;
  throw new SlipwayError("alerts.unreachable", `What answers at ${specOf(at).url} is not an Alertmanager.`);
}

const send = (at: AlertsAt, { method, path, body }: Call, signal: AbortSignal): Promise<string> =>
  askHttp(
    { name: at.spec.name, method, url: specOf(at).url.replace(/\/+$/, "") + path, body, bearer: at.secret },
    signal,
  );

function specOf({ spec }: AlertsAt): Spec {
  if (spec.kind === "alertmanager") return spec;
  throw new Error(`${spec.name} is no Alertmanager`);
}
