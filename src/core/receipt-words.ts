import type { HoldReceipt, Receipt, TrafficCount } from "#core/receipt.ts";

/** What the receipt's picture and its page say alike. */

/** `120 ms`, `4.2 s`, `14 s`, `1 min 5 s`, `2 h 3 min`. */
export function tookWords(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return joined(seconds, "min", "s");
  return joined(Math.round(seconds / 60), "h", "min");
}

const joined = (count: number, big: string, small: string): string =>
  `${Math.floor(count / 60)} ${big}${count % 60 === 0 ? "" : ` ${count % 60} ${small}`}`;

/** `18377` as `18,377`. */
export const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ",");

export const trafficWords = ({ requests, failed, cut }: TrafficCount): string =>
  `${grouped(requests)} ${requests === 1 ? "request" : "requests"}, ${grouped(failed)} failed, ${grouped(cut)} cut`;

export const shortCommit = (sha: string): string => sha.slice(0, 7);

/** `2026-11-23 12:00:14 UTC` */
export const momentWords = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;

export const outcomeWords: Readonly<Record<Receipt["outcome"], { readonly word: string; readonly tone: Tone }>> = {
  succeeded: { word: "succeeded", tone: "good" },
  failed: { word: "failed, and put back", tone: "bad" },
  cancelled: { word: "cancelled, and put back", tone: "warn" },
  stuck: { word: "stuck: needs a person", tone: "bad" },
  aborted: { word: "aborted, hosts left as they were", tone: "bad" },
  superseded: { word: "superseded by a newer one", tone: "warn" },
};
export type Tone = "good" | "bad" | "warn";

export const hostOutcomeWords: Readonly<Record<Receipt["hosts"][number]["outcome"], string>> = {
  released: "released",
  "put-back": "put back",
  untouched: "untouched",
  failed: "failed",
  "left-out": "left out",
};

/** What was found before it was held, and is so again; an empty text where that is nothing worth a word. */
export function holdBeforeWords({ kind, before = "" }: Pick<HoldReceipt, "kind" | "before">): string {
  if (kind === "drain") return before;
  if (kind !== "autoscaling") return "";
  const suspended = /^\[.*\]$/.test(before) ? (JSON.parse(before) as string[]) : [];
  return suspended.length === 0 ? "" : `suspended already: ${suspended.join(", ")}`;
}

/**
 * The greater of what the two observers counted: the balancers count the prober's requests too, and where a balancer
 * itself fails only the prober sees it.
 */
export function greatestTraffic({
  prober,
  balancers,
}: Pick<Receipt, "prober" | "balancers">): TrafficCount | undefined {
  if (!prober || !balancers) return prober ?? balancers;
  return {
    requests: Math.max(prober.requests, balancers.requests),
    failed: Math.max(prober.failed, balancers.failed),
    cut: Math.max(prober.cut, balancers.cut),
  };
}

export function countedByWords({ prober, balancers }: Pick<Receipt, "prober" | "balancers">): string {
  if (prober && balancers)
    return `All clients, by the balancers' own counters: ${trafficWords(balancers)}. Of these the prober's own: ${trafficWords(prober)}.`;
  if (prober) return `By the prober, through the balancer: ${trafficWords(prober)}.`;
  if (balancers) return `All clients, by the balancers' own counters: ${trafficWords(balancers)}.`;
  return "No traffic was counted.";
}
