import { escaped } from "#core/markup.ts";
import type { HoldReceipt, HostReceipt, Receipt, TrafficWindow } from "#core/receipt.ts";
import { pageStyle } from "#core/receipt-page-style.ts";
import { receiptPicture } from "#core/receipt-picture.ts";
import {
  countedByWords,
  holdBeforeWords,
  hostOutcomeWords,
  momentWords,
  outcomeWords,
  tookWords,
  trafficWords,
} from "#core/receipt-words.ts";
import { hostSteps } from "#core/rollout.ts";

export type PageWish = { readonly receipt: Receipt /** What it was signed with. */; readonly keyId: string };

/** A receipt as one page that needs nothing else: no script, nothing loaded, light or dark as the reader has it. */
export function receiptPage({ receipt, keyId }: PageWish): string {
  const { service, release, environment, rollout, outcome } = receipt;
  const title = `Receipt of rollout ${rollout}: ${service} r${release} in ${environment}`;
  const { word, tone } = outcomeWords[outcome];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
<p class="outcome ${tone}">${escaped(word)}</p>
<figure tabindex="0">${receiptPicture(receipt, "auto")}</figure>
<h2>What was released</h2>
${factsOf(receipt)}
<h2>Traffic</h2>
${trafficOf(receipt)}
<h2>Hosts</h2>
${hostsOf(receipt.hosts)}
<h2>Held for the rollout</h2>
${holdsOf(receipt.holds ?? [])}
<footer>
<p>This page is a rendering of a signed document and proves nothing by itself. Check the document:
<code>slipway receipt ${rollout} --json &gt; receipt.json</code>, then <code>slipway receipt verify receipt.json --key receipt-key.pub</code>.</p>
<p>Signed with the Ed25519 key <code>${escaped(keyId)}</code>.</p>
</footer>
</main>
</body>
</html>
`;
}

function factsOf(receipt: Receipt): string {
  const before = receipt.previousRelease === undefined ? "nothing" : `release ${receipt.previousRelease}`;
  const live = receipt.commitToLiveSeconds;
  const facts: readonly (readonly [name: string, value: string])[] = [
    ["release", `${receipt.release}, before it ${before}`],
    ["commit", receipt.commit],
    ["image", receipt.image],
    ["asked for by", receipt.reason ? `${receipt.by} (${receipt.reason})` : receipt.by],
    ["started", momentWords(receipt.startedAt)],
    ["ended", `${momentWords(receipt.endedAt)}, after ${tookWords(receipt.seconds * 1_000)}`],
    ...(live === undefined ? [] : [["commit to live", tookWords(live * 1_000)] as const]),
    ["longest drain", tookWords(receipt.longestDrainMs)],
  ];
  return `<dl>${facts.map(([name, value]) => `<dt>${name}</dt><dd>${escaped(value)}</dd>`).join("")}</dl>`;
}

function trafficOf(receipt: Receipt): string {
  const during = { seconds: receipt.seconds, prober: receipt.prober, balancers: receipt.balancers };
  const windows = [
    ["before the first host was touched", receipt.before],
    ["start to end", during],
    ["after the end", receipt.after],
  ] as const;
  const rows = windows.map(([name, window]) => [name, ...windowCells(window)]);
  const uncounted = (receipt.uncounted ?? []).map((words) => `<li>${escaped(words)}</li>`).join("");
  const gaps = uncounted && `<p class="warn">The balancers' count is not whole:</p><ul>${uncounted}</ul>`;
  return `<p>${escaped(countedByWords(receipt))}</p>${gaps}${tableOf(["", "watched for", "all clients, by the balancers", "the prober's own"], rows)}`;
}

type Window = { readonly [K in keyof TrafficWindow]: TrafficWindow[K] | undefined };

function windowCells(window: Window | undefined): readonly string[] {
  if (!window) return ["not watched", "–", "–"];
  const { seconds = 0, balancers, prober } = window;
  return [tookWords(seconds * 1_000), balancers ? trafficWords(balancers) : "–", prober ? trafficWords(prober) : "–"];
}

function hostsOf(hosts: readonly HostReceipt[]): string {
  const time = (ms: number | undefined) => (ms === undefined ? "–" : tookWords(ms));
  const rows = hosts.map(({ host, outcome, joined, stepsMs, putBackMs, repeated }) => [
    joined ? `${host} (joined)` : host,
    hostOutcomeWords[outcome],
    ...hostSteps.map((step) => time(stepsMs[step])),
    time(putBackMs),
    repeated === 0 ? "–" : String(repeated),
  ]);
  const whys = hosts.flatMap(({ host, why }) => (why ? [`<li>${escaped(`${host} was left out: ${why}`)}</li>`] : []));
  const list = whys.length > 0 ? `<ul>${whys.join("")}</ul>` : "";
  return `${tableOf(["host", "outcome", ...hostSteps, "put back", "repeated"], rows)}${list}`;
}

function holdsOf(holds: readonly HoldReceipt[]): string {
  if (holds.length === 0) return "<p>Nothing.</p>";
  const rows = holds.map(({ kind, subject, takenAt, givenBackAt, before }) => [
    kind,
    subject,
    holdBeforeWords({ kind, ...(before === undefined ? {} : { before }) }) || "–",
    momentWords(takenAt),
    givenBackAt ? momentWords(givenBackAt) : "not given back when this was written",
  ]);
  return tableOf(["what", "of", "found", "taken", "given back"], rows);
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[]) =>
    row.map((cell, index) => (index === 0 ? `<th scope="row">${escaped(cell)}</th>` : `<td>${escaped(cell)}</td>`));
  const heads = head.map((cell) => `<th scope="col">${escaped(cell)}</th>`).join("");
  const body = rows.map((row) => `<tr>${cells(row).join("")}</tr>`).join("");
  return `<div class="wide" tabindex="0"><table><thead><tr>${heads}</tr></thead><tbody>${body}</tbody></table></div>`;
}
