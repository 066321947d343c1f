import { steerActions } from "#core/rollout.ts";
import type { Engine } from "#engine/run.ts";
import type { MemoryRecords } from "#simulator/memory-records.ts";
import { joinedHosts, type Recorded, type RecordedEvent } from "#simulator/recorded-run.ts";
import type { Script } from "#simulator/script.ts";
import { type ApprovalWord, approvalTopic } from "#workflows/make-way.ts";
import { steerTopic } from "#workflows/pause.ts";

export type Desk = {
  readonly records: MemoryRecords;
  readonly engine: () => Engine;
  readonly rolloutId: string;
  /** A newer commit waits from now on. */
  readonly commit: () => void;
  /** The host is in fleet.yaml, and can be reached, from now on. */
  readonly join: (host: string) => void;
};

/** People, newer commits and hosts that join do what they did then, where they did it. */
export function cueOthers(recorded: Recorded, script: Script, desk: Desk): void {
  for (const [index, event] of recorded.timeline.entries()) {
    const act = wishOf(event, desk);
    if (act) script.cue(recorded, index, act);
    const word = approvalOf(event);
    if (word) script.cue(recorded, index, () => void desk.engine().signal(desk.rolloutId, approvalTopic, word));
  }
  for (const host of joinedHosts(recorded)) {
    const first = recorded.timeline.findIndex((event) => event.host === host && event.step !== "prepare");
    const pulled = recorded.timeline.findLastIndex(
      ({ step, host: of, phase }, index) => index < first && step === "prepare" && !of && phase === "started",
    );
    script.cue(recorded, pulled === -1 ? first : pulled, () => desk.join(host));
  }
  const isTouched = recorded.timeline.some(({ step }) => step === "prepare");
  if (recorded.rollout.state === "superseded" && isTouched) script.cue(recorded, lastBegun(recorded), desk.commit);
}

const by = "a person";
const newer = 3;

/** A cancel at the gate is a wish of its own; nobody at all is the end of its time. */
function approvalOf({ step, phase, message = "" }: RecordedEvent): ApprovalWord | undefined {
  if (step !== "approve") return undefined;
  if (phase === "succeeded") return { approvedBy: by };
  return phase === "failed" && message.endsWith(" takes its place") ? { newer } : undefined;
}

/** When the last batch had begun: what was seen at the gate after it was there by then. */
function lastBegun({ timeline }: Recorded): number {
  const drained = timeline.findLastIndex((each) => each.step === "drain" && isStarted(each) && isForward(each));
  return (drained === -1 ? timeline.findLastIndex((each) => each.step === "prepare" && isStarted(each)) : drained) + 1;
}

const isStarted = ({ phase }: RecordedEvent): boolean => phase === "started";
const isForward = ({ direction }: RecordedEvent): boolean => direction === "forward";

function wishOf({ step, message = "" }: RecordedEvent, desk: Desk): (() => void) | undefined {
  if (step !== "steer") return undefined;
  if (message.endsWith(" cancelled it")) return () => void cancel(desk);
  if (message.endsWith(" asked for a pause"))
    return () => void desk.records.rollouts.update(desk.rolloutId, { pauseAskedBy: by });
  const action = steerActions.find((each) => message.endsWith(` chose ${each}`));
  return action && (() => void choose(desk, action));
}

async function cancel({ records, engine, rolloutId }: Desk): Promise<void> {
  const kept = await records.rollouts.get(rolloutId);
  // Where it is paused the choice to put back follows by itself.
  if (kept?.pause) return;
  await records.rollouts.update(rolloutId, { cancelledBy: by });
  const approve = (await records.timeline.of(rolloutId)).findLast(({ step }) => step === "approve");
  if (approve?.phase === "started") await engine().signal(rolloutId, approvalTopic, "cancel");
}

async function choose({ records, engine, rolloutId }: Desk, action: (typeof steerActions)[number]): Promise<void> {
  const pause = (await records.rollouts.get(rolloutId))?.pause;
  if (pause) await engine().signal(rolloutId, steerTopic(pause.number), { action, by });
}
