import type { RolloutDetail, RolloutShape, TimelineEventShape } from "#contract/shapes.ts";
import type { Colour, Paint } from "./paint.ts";
import { printableLine } from "./printable.ts";
import { renderError } from "./render-error.ts";
import { renderReceipt, trafficText } from "./render-receipt.ts";
import { indented, stateColour } from "./render-status.ts";
import { type Cell, cut, tableLines } from "./table.ts";
import { clockTime, duration } from "./words.ts";

/** `Rollout 7: hello release 3 to integration` */
export const rolloutTitle = (rollout: RolloutShape): string => {
  const place = `${printableLine(rollout.service)} release ${rollout.release} to ${printableLine(rollout.environment)}`;
  return `${titles[rollout.reason]} ${rollout.number}: ${place}`;
};

const titles: Readonly<Record<RolloutShape["reason"], string>> = {
  commit: "Rollout",
  deploy: "Rollout",
  rollback: "Rollback, rollout",
  join: "Joining, rollout",
  correct: "Correction, rollout",
};

const marks = { started: "…", progress: "…", succeeded: "✓", failed: "✗" } as const;
const colours: Record<TimelineEventShape["phase"], Colour> = {
  started: "cyan",
  progress: "dim",
  succeeded: "green",
  failed: "red",
};

/** One line for each event, for logs and for where lines cannot be drawn in place. */
export const timelineLine = (event: TimelineEventShape, paint: Paint): string => {
  const where = event.host ? `${printableLine(event.host)} ` : "";
  const back = event.direction === "back" ? "put back: " : "";
  const again = event.attempt > 1 && event.phase === "started" ? ` (try ${event.attempt})` : "";
  const said = event.message ?? event.error?.message;
  const text = `${where}${back}${event.step} ${event.phase}${again}${said ? `: ${printableLine(said)}` : ""}`;
  return `${paint(clockTime(event.at), "dim")} ${paint(marks[event.phase], colours[event.phase])} ${text}`;
};

/** A lane for each host, drawn in place while the rollout runs; every line fits into the width. */
export const laneLines = (detail: RolloutDetail, paint: Paint, width: number, now: number): string[] => {
  const { rollout, timeline } = detail;
  const took = duration(now - Date.parse(rollout.startedAt ?? rollout.createdAt));
  const whole = timeline.filter((event) => event.host === undefined).at(-1);
  const lanes = detail.hosts.map((host) => lane(host, timeline, width));
  return [
    cut(`${rolloutTitle(rollout)}, ${rollout.state}, ${took}`, width),
    ...timeline
      .filter(isReplanned)
      .map((event) => paint(cut(`  ${printableLine(event.message ?? "")}`, width), "yellow")),
    ...tableLines(lanes, paint).map((line) => `  ${line}`),
    ...(whole
      ? [cut(`  ${whole.step} ${whole.phase}${whole.message ? `: ${printableLine(whole.message)}` : ""}`, width)]
      : []),
    ...(detail.traffic ? [cut(`  ${trafficText(detail.traffic)}`, width)] : []),
  ];
};

/** The plan that runs is not the one that was shown. */
const isReplanned = ({ step, message }: TimelineEventShape): boolean =>
  step === "plan" && message?.startsWith("planned again") === true;

const lane = (host: string, timeline: readonly TimelineEventShape[], width: number): Cell[] => {
  const own = timeline.filter((event) => event.host === host);
  const last = own.at(-1);
  const name = cut(printableLine(host), 24);
  if (last === undefined) return [name, { text: "waits", colour: "dim" }];
  const direction = last.direction ?? "forward";
  const latest = new Map(
    lastTry(own.filter((one) => (one.direction ?? "forward") === direction)).map((one) => [one.step, one.phase]),
  );
  const steps = [...latest].map(([step, phase]) => `${marks[phase]} ${step}`).join(" ");
  const said = last.phase === "succeeded" ? "" : printableLine(last.message ?? last.error?.message ?? "");
  const text = `${direction === "back" ? "put back: " : ""}${steps}${said ? ` ${said}` : ""}`;
  return [name, { text: cut(text, Math.max(20, width - 30)), colour: colours[last.phase] }];
};

/** What was done since a person had a failed host tried again. */
const lastTry = (own: readonly TimelineEventShape[]): readonly TimelineEventShape[] => {
  const failed = own.findLastIndex(({ phase }) => phase === "failed");
  return failed === own.length - 1 ? own : own.slice(failed + 1);
};

/** How a rollout ended: its state, its error with advice, and its receipt. */
export const renderEnd = ({ rollout }: RolloutDetail, paint: Paint): string[] => [
  `${rolloutTitle(rollout)}: ${paint(rollout.state, stateColour(rollout.state))}`,
  ...(rollout.excluded?.length
    ? [`  left out, and running what they ran before: ${rollout.excluded.map(printableLine).join(", ")}`]
    : []),
  ...(rollout.supersededBy === undefined ? [] : [`  rollout/${rollout.supersededBy} took its place`]),
  ...(rollout.error ? indented(renderError(rollout.error, paint)) : []),
  ...(rollout.receipt ? ["", ...renderReceipt(rollout.receipt, paint)] : []),
];
