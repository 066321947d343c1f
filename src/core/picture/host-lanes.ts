import { element } from "#core/markup.ts";
import type { HostReceipt, HostSpan, Receipt } from "#core/receipt.ts";
import type { Axis } from "./axis.ts";
import { stepClass } from "./palette.ts";
import { fitted, label, widthOf } from "./text.ts";

const roomPx = 440;
const [thickestPx, thinnestPx] = [36, 3];
/** Thinner than this a lane has no room for words. */
const namedPx = 16;

/** How thick each lane is: ten hosts have names, two hundred are a picture of the whole. */
export const laneHeight = (hosts: number): number =>
  Math.max(thinnestPx, Math.min(thickestPx, Math.floor(roomPx / Math.max(1, hosts))));

type Lanes = { readonly receipt: Receipt; readonly axis: Axis; readonly top: number; readonly nameLeft: number };

/** One lane a host: the old release, each step, the new release. */
export function hostLanes({ receipt, axis, top, nameLeft }: Lanes): string {
  const height = laneHeight(receipt.hosts.length);
  const bar = height >= namedPx ? height - 10 : height - 1;
  return receipt.hosts
    .map((host, index) => {
      const y = top + index * height;
      const size = Math.min(18, height * 0.55);
      const name = fitted(host.host, size, axis.x(axis.fromMs) - nameLeft - 12);
      return [
        height >= namedPx ? label(name, { x: nameLeft, y: y + bar / 2 + size * 0.36, size }) : "",
        lane({ host, receipt, axis, y, bar }),
      ].join("");
    })
    .join("");
}

type Lane = {
  readonly host: HostReceipt;
  readonly receipt: Receipt;
  readonly axis: Axis;
  readonly y: number;
  readonly bar: number;
};

function lane(at: Lane): string {
  const { host, receipt, axis } = at;
  const spans = host.spans ?? [];
  const [first, last] = [
    spans[0]?.fromMs ?? axis.toMs,
    spans.reduce((most, span) => Math.max(most, span.toMs), axis.fromMs),
  ];
  // What one that joined ran before, nobody had looked at.
  const before = host.from ?? (host.joined ? undefined : receipt.previousRelease);
  const old = before === undefined ? "" : `r${before}`;
  const isNew = host.outcome === "released";
  const after = isNew ? `r${receipt.release}` : old;
  return [
    stretch(at, {
      fromMs: axis.fromMs,
      toMs: first,
      tone: "idle",
      text: host.outcome === "untouched" && isUpToDate(host, receipt) ? "" : old,
    }),
    ...servedBetween(spans).map((between) => stretch(at, { ...between, tone: "bake", text: `r${receipt.release}` })),
    ...spans.map((span) => stepOf(at, span)),
    spans.length === 0
      ? ""
      : stretch(at, {
          fromMs: last,
          toMs: axis.toMs,
          tone: host.outcome === "failed" ? "bad" : isNew ? "bake" : "idle",
          text: host.outcome === "failed" ? "failed" : after,
        }),
  ].join("");
}

/** It served the new release until it was put back with the others. */
function servedBetween(spans: readonly HostSpan[]): readonly { fromMs: number; toMs: number }[] {
  const back = spans.findIndex(({ direction }) => direction === "back");
  const [last, first] = [spans[back - 1], spans[back]];
  const hasServed = last?.end === "succeeded" && (last.step === "admit" || last.step === "bake");
  return hasServed && first ? [{ fromMs: last.toMs, toMs: first.fromMs }] : [];
}

/** A host that no batch visited runs what it ran: of which release that is, the receipt does not say. */
const isUpToDate = (host: HostReceipt, { outcome }: Receipt): boolean =>
  host.outcome === "untouched" && outcome === "succeeded";

type Stretch = { readonly fromMs: number; readonly toMs: number; readonly tone: string; readonly text: string };

function stretch({ axis, y, bar }: Lane, { fromMs, toMs, tone, text }: Stretch): string {
  const [left, right] = [axis.x(fromMs), axis.x(toMs)];
  if (right - left < 0.5) return "";
  const size = Math.min(15, bar * 0.62);
  const hasRoom = text !== "" && size >= 9 && widthOf(text, size) + 10 < right - left;
  return [
    element("rect", {
      x: left,
      y,
      width: right - left,
      height: bar,
      rx: Math.min(3, bar / 4),
      class: `rp-${tone}`,
      "fill-opacity": tone === "idle" ? undefined : "0.22",
    }),
    hasRoom
      ? label(text, { x: left + 7, y: y + bar / 2 + size * 0.36, size, tone: tone === "idle" ? "soft" : "ink" })
      : "",
  ].join("");
}

function stepOf({ axis, y, bar }: Lane, { step, direction, end, fromMs, toMs }: HostSpan): string {
  const left = axis.x(fromMs);
  const width = Math.max(1.5, axis.x(toMs) - left);
  const tone = end === "failed" ? "rp-bad" : stepClass(step);
  const faded = end === "interrupted" ? "0.35" : direction === "back" ? "0.6" : "0.9";
  const box = element("rect", {
    x: left,
    y,
    width,
    height: bar,
    rx: Math.min(2, width / 3),
    class: tone,
    "fill-opacity": faded,
  });
  // What goes back is marked by a line under it: by its colour alone nobody would see it.
  if (direction === "forward" || bar < namedPx - 10) return box;
  return box + element("rect", { x: left, y: y + bar - 3, width, height: 3, class: "rp-ink" });
}
