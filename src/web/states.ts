import { isOpen } from "#contract/rollout-words.ts";
import type { BuildShape, HostShape, ReceiptShape, RolloutDetail, RolloutShape } from "#contract/shapes.ts";
import type { LaneState } from "./lanes.ts";

export type Tone = "good" | "bad" | "busy" | "warn" | "quiet";
export type IconName =
  | "check"
  | "cross"
  | "running"
  | "clock"
  | "question"
  | "minus"
  | "back"
  | "drain"
  | "warning"
  | "pause";

/** How a state looks: never by its colour alone. */
export type Look = { readonly tone: Tone; readonly icon: IconName; readonly word: string };

const look = (tone: Tone, icon: IconName, word: string): Look => ({ tone, icon, word });

export const buildLooks: Readonly<Record<BuildShape["state"], Look>> = {
  waiting: look("quiet", "clock", "waiting"),
  running: look("busy", "running", "running"),
  succeeded: look("good", "check", "succeeded"),
  failed: look("bad", "cross", "failed"),
};

/** In a build that has ended nothing is waited for any more: such a step was never begun. */
export const stepLook = (step: BuildShape["steps"][number]["state"], build: BuildShape["state"]): Look =>
  step === "waiting" && (build === "failed" || build === "succeeded")
    ? look("quiet", "minus", "not run")
    : buildLooks[step];

export const rolloutLooks: Readonly<Record<RolloutShape["state"], Look>> = {
  waiting: look("quiet", "clock", "waiting"),
  running: look("busy", "running", "running"),
  succeeded: look("good", "check", "succeeded"),
  failed: look("bad", "cross", "failed"),
  stuck: look("bad", "warning", "stuck: needs a person"),
  paused: look("warn", "pause", "paused: waits for a person"),
  aborted: look("bad", "warning", "aborted: hosts left as they were"),
  superseded: look("quiet", "minus", "superseded by a newer one"),
  refused: look("warn", "warning", "refused"),
  cancelled: look("quiet", "minus", "cancelled"),
};

export const laneLooks: Readonly<Record<LaneState, Look>> = {
  waits: look("quiet", "clock", "waits"),
  untouched: look("quiet", "minus", "untouched"),
  "up to date": look("good", "check", "up to date"),
  "left out": look("warn", "minus", "left out"),
  beside: look("busy", "clock", "ready beside the old"),
  running: look("busy", "running", "under way"),
  "putting back": look("warn", "back", "putting back"),
  released: look("good", "check", "released"),
  "put back": look("warn", "back", "put back"),
  failed: look("bad", "cross", "failed"),
};

export const hostOutcomeLooks: Readonly<Record<ReceiptShape["hosts"][number]["outcome"], Look>> = {
  released: laneLooks.released,
  "put-back": laneLooks["put back"],
  untouched: laneLooks.untouched,
  failed: laneLooks.failed,
  "left-out": laneLooks["left out"],
};

/** As it is seen from outside: a rollout that waits for a person is not under way. */
export const rolloutLook = (detail: RolloutDetail): Look =>
  waitsForApproval(detail) ? look("warn", "clock", "waits for approval") : rolloutLooks[detail.rollout.state];

export const waitsForApproval = ({ rollout, timeline }: RolloutDetail): boolean =>
  isOpen(rollout.state) && timeline.findLast((event) => event.step === "approve")?.phase === "started";

/** What the balancers say of a host, else whether its release runs at all. */
export function hostLook({ inService, balancerState = "", release, seenAt }: HostShape): Look {
  if (inService === true) return look("good", "check", "in service");
  if (balancerState.startsWith("draining")) return look("warn", "drain", "draining");
  if (balancerState.startsWith("maintenance")) return look("warn", "minus", "in maintenance");
  if (balancerState.startsWith("checking")) return look("busy", "running", "being checked");
  if (balancerState.startsWith("down")) return look("bad", "cross", "down");
  if (inService === false) return look("bad", "cross", "out of service");
  if (seenAt !== undefined && release !== undefined) return look("good", "check", "runs, no balancer");
  return look("quiet", "question", "unknown");
}
