import type { HostSpan, Receipt } from "#core/receipt.ts";
import {
  countedByWords,
  greatestTraffic,
  grouped,
  momentWords,
  outcomeWords,
  shortCommit,
  tookWords,
} from "#core/receipt-words.ts";
import { hostSteps } from "#core/rollout.ts";
import { element } from "./markup.ts";
import { type Axis, axisOf, ticksOf } from "./picture/axis.ts";
import { hostLanes, laneHeight } from "./picture/host-lanes.ts";
import { paletteStyle, type Theme } from "./picture/palette.ts";
import { fitted, fontFamily, label, widthOf } from "./picture/text.ts";
import { trafficChart } from "./picture/traffic-chart.ts";

const width = 1200;
const margin = 44;
const left = 190;
const chart = { left, top: 268, width: width - left - margin, height: 130 };
const lanesTop = chart.top + chart.height + 52;

/**
 * A receipt as a picture: requests, errors and the hosts' states over one time axis, fit for a chat message. Plain SVG
 * 1.1: no script, nothing loaded, letters in whatever sans-serif there is.
 */
export function receiptPicture(receipt: Receipt, theme: Theme): string {
  const axis = axisOf(receipt, chart);
  const lanesBottom = lanesTop + laneHeight(receipt.hosts.length) * receipt.hosts.length;
  const height = Math.ceil(lanesBottom + 66);
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
      "aria-label": altText(receipt),
      "font-family": fontFamily,
    },
    `<style>${paletteStyle(theme)}</style>`,
    element("rect", { width, height, class: "rp-card" }),
    head(receipt),
    figures(receipt),
    phases(axis, lanesBottom),
    timeTicks(axis, lanesBottom),
    trafficChart(receipt.series, axis, chart),
    hostLanes({ receipt, axis, top: lanesTop, nameLeft: margin }),
    foot(receipt, height - 22),
  );
}

/** For those who do not see the picture. */
export function altText(receipt: Receipt): string {
  const { service, release, environment, outcome, seconds } = receipt;
  return `${service} r${release} to ${environment}: ${outcomeWords[outcome].word} in ${tookWords(seconds * 1_000)}. ${countedByWords(receipt)}`;
}

function head({ service, release, previousRelease, environment, outcome, rollout, commit, by }: Receipt): string {
  const { word, tone } = outcomeWords[outcome];
  const from = previousRelease === undefined || previousRelease === release ? "" : ` r${previousRelease} to`;
  const title = `${service}${from} r${release} in ${environment}`;
  const room = width - 2 * margin - widthOf(word, 24) - 70;
  return [
    label(fitted(title, 36, room), { x: margin, y: 72, size: 36, bold: true }),
    label(word, { x: width - margin - 38, y: 68, size: 24, bold: true, tone, anchor: "end" }),
    outcomeSign(tone, width - margin - 12, 60),
    label(fitted(`Rollout ${rollout}, commit ${shortCommit(commit)}, asked for by ${by}`, 19, width - 2 * margin), {
      x: margin,
      y: 108,
      size: 19,
      tone: "soft",
    }),
  ].join("");
}

/** A tick or a cross: never by the colour alone. */
function outcomeSign(tone: string, x: number, y: number): string {
  const path = tone === "good" ? `M${x - 10} ${y} l7 8 l13 -16` : `M${x - 8} ${y - 8} l16 16 m0 -16 l-16 16`;
  return element("path", {
    d: path,
    class: `rp-${tone}-line`,
    "stroke-width": 4.5,
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
  });
}

type Figure = { readonly value: string; readonly name: string; readonly tone?: string };

function figures(receipt: Receipt): string {
  const all = [
    ...trafficFigures(receipt),
    { value: tookWords(receipt.longestDrainMs), name: "longest drain" },
    { value: tookWords(receipt.seconds * 1_000), name: "start to end" },
  ];
  const step = (width - 2 * margin) / all.length;
  return all
    .map(({ value, name, tone = "ink" }: Figure, index) => {
      const x = margin + index * step;
      return (
        label(value, { x, y: 178, size: 44, bold: true, tone }) + label(name, { x, y: 206, size: 18, tone: "soft" })
      );
    })
    .join("");
}

function trafficFigures(receipt: Receipt): readonly Figure[] {
  const traffic = greatestTraffic(receipt);
  if (!traffic) return [{ value: "–", name: "requests not counted" }];
  const lost = (count: number) => (count > 0 ? "bad" : "good");
  return [
    { value: grouped(traffic.requests), name: receipt.uncounted?.length ? "requests at least" : "requests" },
    { value: grouped(traffic.failed), name: "failed", tone: lost(traffic.failed) },
    { value: grouped(traffic.cut), name: "cut", tone: lost(traffic.cut) },
  ];
}

/** The moments before the first host was touched, and after the end, stand apart. */
function phases(axis: Axis, bottom: number): string {
  const bands: readonly [name: string, fromMs: number, toMs: number][] = [
    ["before", axis.fromMs, axis.touchedMs ?? axis.endMs],
    ["after", axis.endMs, axis.toMs],
  ];
  return bands
    .map(([name, fromMs, toMs]) => {
      const [x, right] = [axis.x(fromMs), axis.x(toMs)];
      if (right - x < 2) return "";
      const band = element("rect", {
        x,
        y: chart.top - 26,
        width: right - x,
        height: bottom - chart.top + 26,
        class: "rp-idle",
        "fill-opacity": "0.45",
      });
      const hasRoom = widthOf(name, 15) + 12 < right - x;
      return band + (hasRoom ? label(name, { x: x + 6, y: chart.top - 9, size: 15, tone: "soft" }) : "");
    })
    .join("");
}

function timeTicks(axis: Axis, bottom: number): string {
  return ticksOf(axis)
    .map((ms) => {
      const x = axis.x(axis.fromMs + ms);
      const isLate = x > width - margin - 30;
      return [
        element("line", { x1: x, x2: x, y1: chart.top, y2: bottom, class: "rp-line-line" }),
        label(ms === 0 ? "0" : tookWords(ms).replace(".0 s", " s"), {
          x,
          y: lanesTop - 18,
          size: 16,
          tone: "soft",
          anchor: isLate ? "end" : "middle",
        }),
      ].join("");
    })
    .join("");
}

function foot({ endedAt, hosts }: Receipt, y: number): string {
  let x = margin;
  const legend = legendOf(hosts.flatMap((host) => host.spans ?? [])).map(([tone, word]) => {
    const sample = element("rect", { x, y: y - 13, width: 15, height: 15, rx: 3, class: tone, "fill-opacity": "0.9" });
    // What goes back is faded and underlined in its lane, and so is its sample.
    const line = word === "put back" ? element("rect", { x, y: y - 1, width: 15, height: 3, class: "rp-ink" }) : "";
    const text = label(word, { x: x + 22, y, size: 16, tone: "soft" });
    x += 22 + widthOf(word, 16) + 22;
    return sample + line + text;
  });
  const when = { x: width - margin, y, size: 16, tone: "soft", anchor: "end" } as const;
  return [...legend, label(`Slipway, ${momentWords(endedAt)}`, when)].join("");
}

function legendOf(spans: readonly HostSpan[]): readonly (readonly [tone: string, word: string])[] {
  const steps = hostSteps.filter((each) => spans.some(({ step }) => step === each));
  const isBack = spans.some(({ direction }) => direction === "back");
  const hasFailed = spans.some(({ end }) => end === "failed");
  return [
    ...steps.map((step) => [`rp-${step}`, step] as const),
    ...(hasFailed ? ([["rp-bad", "failed"]] as const) : []),
    ...(isBack ? ([["rp-idle", "put back"]] as const) : []),
  ];
}
