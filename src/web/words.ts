import type { ReceiptShape } from "#contract/shapes.ts";

/** `120 ms`, `4.2 s`, `14 s`, `1 min 5 s`, `2 h 3 min`, `3 d 2 h`. */
export function duration(ms: number): string {
  const whole = Math.max(0, ms);
  if (whole < 1_000) return `${Math.round(whole)} ms`;
  if (whole < 9_950) return `${(whole / 1_000).toFixed(1)} s`;
  const seconds = Math.round(whole / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return joined(seconds, 60, "min", "s");
  if (seconds < 86_400) return joined(Math.round(seconds / 60), 60, "h", "min");
  return joined(Math.round(seconds / 3_600), 24, "d", "h");
}

const joined = (count: number, size: number, big: string, small: string): string =>
  `${Math.floor(count / size)} ${big}${count % size === 0 ? "" : ` ${count % size} ${small}`}`;

/** `just now`, `12 s ago`, `5 min ago`, `in 20 s`: the coarsest unit that fits. */
export function relativeTime(at: string, nowMs: number): string {
  const ms = nowMs - Date.parse(at);
  if (Number.isNaN(ms)) return "at an unknown time";
  const text = coarse(Math.abs(ms) / 1_000);
  if (text === undefined) return ms < -1_000 ? "in a moment" : "just now";
  return ms < 0 ? `in ${text}` : `${text} ago`;
}

function coarse(seconds: number): string | undefined {
  if (seconds < 5) return undefined;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** `23 Nov 2026, 16:58:03 UTC+1`, in the reader's own time zone. */
export const absoluteTime = (at: string): string =>
  Number.isNaN(Date.parse(at)) ? at : new Date(at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "long" });

export const shortSha = (sha: string): string => sha.slice(0, 7);

/** `sha256:4f1c2a9b01d3` */
export const shortDigest = (digest: string): string => digest.replace(/^(\w+:\w{12}).*$/, "$1");

const grouped = new Intl.NumberFormat("en-US");
export const count = (value: number): string => grouped.format(value);

/** `1 host`, `2 hosts`. */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

type Traffic = NonNullable<ReceiptShape["prober"]>;
export const trafficText = ({ requests, failed, cut }: Traffic): string =>
  `${counted(requests, "request")}, ${count(failed)} failed, ${count(cut)} cut`;

/** `1,204 requests, 0 failed, 0 cut, 14 s`: the prober's count, else the balancers'. */
export function receiptText(receipt: ReceiptShape): string {
  const traffic = receipt.prober ?? receipt.balancers;
  const took = duration(receipt.seconds * 1_000);
  return traffic ? `${trafficText(traffic)}, ${took}` : took;
}
