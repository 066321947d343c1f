import type { AlertsSpec } from "#core/fleet.ts";
import type { Silence } from "#ports/alerts.ts";

/** One request to an Alertmanager, as data: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml */
export type Call = { readonly method: "GET" | "POST" | "DELETE"; readonly path: string; readonly body?: unknown };

/** Ours are found again by it, also when nothing was recorded of them; two entries may be at one Alertmanager. */
export const createdBy = (name: string, { owner }: Pick<Silence, "owner">): string => `slipway ${owner} ${name}`;

export const listSilences: Call = { method: "GET", path: "/api/v2/silences" };

/** With the id of one that is in force it is extended, else a new one is made. */
export const putSilence = (
  { owner, words, url, until }: Silence,
  { name, matchers }: Pick<Extract<AlertsSpec, { kind: "alertmanager" }>, "name" | "matchers">,
  { id, startsAt }: { id?: string; startsAt: string },
): Call => ({
  method: "POST",
  path: "/api/v2/silences",
  body: {
    ...(id === undefined ? {} : { id }),
    matchers: Object.entries(matchers).map(([label, value]) => ({ name: label, value, isRegex: false, isEqual: true })),
    startsAt,
    endsAt: until,
    createdBy: createdBy(name, { owner }),
    comment: `${words}: ${url}`,
  },
});

export const endSilence = (id: string): Call => ({
  method: "DELETE",
  path: `/api/v2/silence/${encodeURIComponent(id)}`,
});
