import { isOpen } from "#contract/rollout-words.ts";
import type { RolloutDetail, TimelineEventShape } from "#contract/shapes.ts";
import { type Axis, axisOf, share, type Tick, ticksOf } from "./lane-axis.ts";

export type Direction = "forward" | "back";

/** One try at one step, as a stretch of the time axis. `left` and `width` are shares of the axis, 0 to 1. */
export type Segment = {
  readonly step: TimelineEventShape["step"];
  readonly direction: Direction;
  /** `interrupted`: the server was stopped in the middle of it; the next try follows. */
  readonly state: "running" | "succeeded" | "failed" | "interrupted";
  readonly attempt: number;
  readonly ms: number;
  readonly left: number;
  readonly width: number;
};

export type LaneState =
  | "waits"
  | "untouched"
  | "up to date"
  | "left out"
  | "beside"
  | "running"
  | "putting back"
  | "released"
  | "put back"
  | "failed";

export type Lane = {
  /** Absent: the acts that concern the rollout as a whole. */
  readonly host?: string;
  /** One of the first hosts of a canary. */
  readonly isCanary?: boolean;
  readonly state: LaneState;
  readonly segments: readonly Segment[];
  /** The latest that was said about it; why, where it failed. */
  readonly message?: string;
};

export type { Tick } from "./lane-axis.ts";
export type Lanes = {
  readonly axis: Axis;
  readonly lengthMs: number;
  readonly ticks: readonly Tick[];
  readonly lanes: readonly Lane[];
};

/**
 * A rollout as it is drawn: a lane for its own acts, then one for each host, over one time axis; for a replay over the
 * axis that the whole has, so that nothing moves from step to step but what moved then.
 */
export function layLanes(detail: RolloutDetail, nowMs: number, whole?: Lanes): Lanes {
  const isOver = detail.rollout.endedAt !== undefined || !isOpen(detail.rollout.state);
  const acts = actsOf(detail.timeline, isOver);
  // What runs in a replay runs until the moment that is shown, wherever the axis ends.
  const axis = whole ? { ...whole.axis, endMs: nowMs } : axisOf(acts, isOver ? endOf(detail) : nowMs);
  const own = acts.filter((act) => act.host === undefined && act.fromMs >= axis.startMs);
  const lane = (host: string) => hostLane(host, { detail, acts, axis });
  return {
    axis,
    lengthMs: axis.lengthMs,
    ticks: ticksOf(axis),
    lanes: [rolloutLane(own, axis), ...hostsOf(detail).map(lane)].filter((each) => each !== undefined),
  };
}

/** How far a rollout is, for one line of text and one bar. */
export function progressOf(detail: RolloutDetail): { done: number; total: number; now: string } {
  const { lanes } = layLanes(detail, 0);
  const hosts = lanes.filter((lane) => lane.host !== undefined);
  const busy = hosts.find((lane) => lane.state === "running" || lane.state === "putting back");
  const last = (busy ?? lanes[0])?.segments.at(-1);
  const doing = last?.state === "running" ? last.step : undefined;
  const back = busy?.state === "putting back" ? "put back, " : "";
  return {
    done: hosts.filter((lane) => lane.state === "released" || lane.state === "up to date").length,
    total: hosts.length,
    now: [busy?.host, doing && `${back}${doing}`].filter(Boolean).join(": "),
  };
}

/** Those of the plan, those that joined while it ran, and those that were left out. */
function hostsOf({ hosts, timeline, rollout }: RolloutDetail): readonly string[] {
  return [...new Set([...hosts, ...timeline.flatMap(({ host }) => host ?? []), ...(rollout.plan?.skipped ?? [])])];
}

type Act = Omit<Segment, "left" | "width" | "ms"> & {
  readonly host: string | undefined;
  readonly fromMs: number;
  readonly toMs: number | undefined;
};

// Told by a notice that is posted beside the rollout: no stretch of its time.
const isDrawn = ({ step }: TimelineEventShape): boolean => step !== "announce";

/** Pairs each start with its end. A start that meets another of the same act was interrupted there. */
function actsOf(timeline: readonly TimelineEventShape[], isOver: boolean): Act[] {
  const open = new Map<string, Act>();
  const done = new Map<string, number>();
  const acts: Act[] = [];
  const close = (key: string, at: number, state: Segment["state"]) => {
    const act = open.get(key);
    if (act) acts.push({ ...act, toMs: at, state });
    open.delete(key);
  };
  for (const event of timeline.filter(isDrawn)) {
    const key = `${event.host ?? ""}\n${event.direction ?? ""}\n${event.step}`;
    const at = Date.parse(event.at);
    if (event.phase === "started") {
      close(key, at, "interrupted");
      open.set(key, begunAct(event, at, done.get(key)));
    } else if (event.phase !== "progress") {
      close(key, at, event.phase);
      if (event.phase === "succeeded") done.set(key, event.attempt);
    }
  }
  for (const act of open.values()) acts.push(isOver ? { ...act, state: "interrupted" } : act);
  return acts.sort((a, b) => a.fromMs - b.fromMs);
}

/** What is done once more after it was good, as blue-green does at its end, is no second try. */
const begunAct = (
  { host, step, direction = "forward", attempt }: TimelineEventShape,
  fromMs: number,
  doneBefore = 0,
): Act => ({
  host,
  step,
  direction,
  attempt: Math.max(1, attempt - doneBefore),
  state: "running",
  fromMs,
  toMs: undefined,
});

function endOf({ rollout, timeline }: RolloutDetail): number {
  const last = timeline.at(-1)?.at ?? rollout.endedAt ?? rollout.createdAt;
  return Date.parse(rollout.endedAt ?? last);
}

function rolloutLane(acts: readonly Act[], axis: Axis): Lane | undefined {
  if (acts.length === 0) return undefined;
  const isRunning = acts.some((act) => act.state === "running");
  const hasFailed = acts.some((act) => act.state === "failed");
  const state = isRunning ? "running" : hasFailed ? "failed" : "released";
  return { state, segments: acts.map((act) => segmentOf(act, axis)) };
}

type Drawing = { readonly detail: RolloutDetail; readonly acts: readonly Act[]; readonly axis: Axis };

function hostLane(host: string, { detail, acts, axis }: Drawing): Lane {
  const own = acts.filter((act) => act.host === host);
  const { plan } = detail.rollout;
  const isCanary = plan?.strategy === "canary" && plan.batches[0]?.hosts.some(({ name }) => name === host) === true;
  const state = stateIn(host, own, { detail, acts, axis });
  const message = messageFor(
    state,
    detail.timeline.filter((event) => event.host === host),
  );
  return {
    host,
    ...(isCanary ? { isCanary } : {}),
    state,
    segments: own.map((act) => segmentOf(act, axis)),
    ...(message === undefined ? {} : { message }),
  };
}

/** The latest while it goes on, why afterwards; a host that is well needs no words. */
function messageFor(state: LaneState, own: readonly TimelineEventShape[]): string | undefined {
  if (state === "released") return undefined;
  const isEnded = state === "put back" || state === "failed" || state === "left out";
  const said = own.findLast((event) =>
    isEnded ? event.phase === "failed" : (event.message ?? event.error) !== undefined,
  );
  return said?.message ?? said?.error?.message;
}

function stateIn(host: string, own: readonly Act[], { detail, acts }: Drawing): LaneState {
  const { rollout } = detail;
  if (rollout.excluded?.includes(host)) return "left out";
  if (own.length === 0) return stateWithoutActs(host, detail);
  const state = stateOf(own);
  // Blue-green: a host is not done with its own acts but when all are switched together.
  const isBeside = rollout.plan?.strategy === "blue-green" && state === "running" && own.some(isChecked);
  const isSwitched = acts.some((act) => act.step === "switch" && act.state === "succeeded");
  if (isBeside) return isSwitched ? "released" : "beside";
  return ended(state, detail);
}

const isChecked = (act: Act): boolean => act.step === "check" && act.state === "succeeded";

/** What was tried again counts by its last try; a host that is put back, by what was done since then. */
function stateOf(own: readonly Act[]): LaneState {
  const lastForward = own.findLastIndex((act) => act.direction === "forward");
  const back = own.slice(lastForward + 1);
  // Between two steps nothing runs for a moment: what counts is whether the last of them was reached.
  if (back.some((act) => act.state === "failed")) return "failed";
  if (back.length > 0) return back.some(isLastStep) ? "put back" : "putting back";
  const since = own.slice(own.findLastIndex((act) => act.state === "failed") + 1);
  if (since.length === 0) return "failed";
  return since.some(isLastStep) && isOver(since.at(-1)) ? "released" : "running";
}

/** A bake follows only where one is asked for. */
const isLastStep = (act: Act): boolean => isOver(act) && (act.step === "bake" || act.step === "admit");
const isOver = (act: Act | undefined): boolean => act?.state === "succeeded";

/** Of a rollout that is over nothing goes on: a host that had nothing to put back is as it was before. */
function ended(state: LaneState, { rollout }: RolloutDetail): LaneState {
  if (isOpen(rollout.state)) return state;
  return state === "putting back" ? "put back" : state === "running" ? "failed" : state;
}

function stateWithoutActs(host: string, { rollout }: RolloutDetail): LaneState {
  if (rollout.plan?.upToDate.includes(host)) return "up to date";
  if (rollout.plan?.skipped.includes(host)) return "left out";
  return isOpen(rollout.state) ? "waits" : "untouched";
}

function segmentOf({ step, direction, state, attempt, fromMs, toMs }: Act, axis: Axis): Segment {
  const endMs = toMs ?? axis.endMs;
  const ms = Math.max(0, endMs - fromMs);
  const left = share(fromMs, axis);
  return { step, direction, state, attempt, ms, left, width: share(endMs, axis) - left };
}
