import { element } from "#core/markup.ts";
import type { CountSeries, TrafficSeries } from "#core/receipt.ts";
import { grouped } from "#core/receipt-words.ts";
import type { Axis } from "./axis.ts";
import { label } from "./text.ts";

export type Box = { readonly left: number; readonly top: number; readonly width: number; readonly height: number };

const leastBarPx = 5;
const widestBarPx = 14;
/** Of the chart's height: errors must be seen, and not be taken for as many as the requests. */
const tallestBar = 0.45;

/** Requests a second as an area, and over it a bar wherever one failed or was cut. */
export function trafficChart(series: TrafficSeries | undefined, axis: Axis, box: Box): string {
  // The balancers see everybody; where there are none, what the prober sent is all that is known.
  const drawn = series?.balancers ?? series?.prober;
  if (!series || !drawn || drawn.requests.length === 0)
    return label("No traffic was sampled.", { x: box.left, y: box.top + 24, size: 18, tone: "soft" });
  const perSecond = drawn.requests.map((count) => (count * 1_000) / series.everyMs);
  const top = niceTop(Math.max(1, ...perSecond));
  const bottom = box.top + box.height;
  const y = (rate: number) => bottom - (box.height * rate) / top;
  const x = (index: number) => axis.x(series.fromMs + index * series.everyMs);
  const middle = (index: number) => (x(index) + x(index + 1)) / 2;
  const points = perSecond.map((rate, index) => [middle(index), y(rate)] as const);
  const edge = [[x(0), points[0]?.[1] ?? bottom], ...points, [x(points.length), points.at(-1)?.[1] ?? bottom]];
  const curve = edge
    .map(([px, py]) => `${Math.round((px ?? 0) * 10) / 10},${Math.round((py ?? 0) * 10) / 10}`)
    .join(" ");
  const area = `${edge[0]?.[0]},${bottom} ${curve} ${edge.at(-1)?.[0]},${bottom}`;
  return [
    element("line", { x1: box.left, x2: box.left + box.width, y1: y(top), y2: y(top), class: "rp-line-line" }),
    element("polygon", { points: area, class: "rp-traffic", "fill-opacity": "0.18" }),
    element("polyline", { points: curve, class: "rp-traffic-line", "stroke-width": 3, "stroke-linejoin": "round" }),
    element("line", {
      x1: box.left,
      x2: box.left + box.width,
      y1: bottom,
      y2: bottom,
      class: "rp-line-line",
      "stroke-width": 2,
    }),
    label(`${grouped(top)}/s`, { x: box.left - 12, y: y(top) + 6, size: 16, tone: "soft", anchor: "end" }),
    label("0", { x: box.left - 12, y: bottom + 5, size: 16, tone: "soft", anchor: "end" }),
    errorBars(errorsOf(series), { x, bottom, height: box.height }),
  ].join("");
}

/** Per point the greater of what the two observers lost: the balancers count the prober's requests too. */
function errorsOf({ prober, balancers }: TrafficSeries): readonly number[] {
  const lost = ({ failed, cut }: CountSeries) => failed.map((count, index) => count + (cut[index] ?? 0));
  const [a, b] = [prober ? lost(prober) : [], balancers ? lost(balancers) : []];
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index) => Math.max(a[index] ?? 0, b[index] ?? 0));
}

type Bars = { readonly x: (index: number) => number; readonly bottom: number; readonly height: number };

function errorBars(errors: readonly number[], { x, bottom, height }: Bars): string {
  const most = Math.max(0, ...errors);
  if (most === 0) return "";
  return errors
    .map((count, index) => {
      if (count === 0) return "";
      const tall = Math.max(leastBarPx, (height * tallestBar * count) / most);
      const wide = Math.min(widestBarPx, Math.max(4, x(index + 1) - x(index) - 1));
      const left = (x(index) + x(index + 1) - wide) / 2;
      const bar = element("rect", { x: left, y: bottom - tall, width: wide, height: tall, rx: 1, class: "rp-bad" });
      // Only the highest is told in numbers: the bars have a scale of their own.
      const isFirstHighest = count === most && errors.indexOf(most) === index;
      const at = { x: left + wide + 6, y: bottom - 8, size: 16, tone: "bad", bold: true };
      return isFirstHighest ? bar + label(`${grouped(count)} lost`, at) : bar;
    })
    .join("");
}

/** The next of 1, 2, 5, 10, 20 ... */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}
