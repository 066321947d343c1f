import { SlipwayError } from "#core/errors.ts";
import type { Pause, SteerAction } from "#core/rollout.ts";
import { announce } from "#workflows/announce.ts";
import { cancelledRecord } from "#workflows/cancelled.ts";
import { rolloutSpecOf } from "#workflows/course.ts";
import type { Decision, Failure } from "#workflows/decide.ts";
import { guardDrains } from "#workflows/guard-drains.ts";
import type { Releasing } from "#workflows/releasing.ts";

const recordTimeoutMs = 60_000;

/** The topic on which a person's choice for that pause arrives: one made for an earlier pause is never met. */
export const steerTopic = (pause: number): string => `steer ${pause}`;

export type Steer = {
  readonly action: SteerAction;
  readonly by: string;
  /** Of `exclude`, where it is not for those that failed. */
  readonly hosts?: readonly string[];
};

/** The rollout waits, told of and recorded, until a person chooses; nobody in time means put back. */
export async function pauseForPerson(releasing: Releasing, failure: Failure): Promise<Decision> {
  const { run, world, course } = releasing;
  const { rolloutId } = course;
  const number = releasing.nextName();
  const { pauseTimeoutMs } = rolloutSpecOf(course);
  const canRollBack = (course.previousRelease ?? course.release.number) !== course.release.number;
  const choices = failure.choices.filter((choice) => canRollBack || choice !== "roll-back");
  const isCancelled = await run.step(`pause ${number}`, recordTimeoutMs, async () => {
    const pause = pauseOf({ ...failure, choices }, { number, now: world.clock.now(), pauseTimeoutMs });
    const kept = await world.rollouts.update(rolloutId, { state: "paused", pause, pauseAskedBy: undefined });
    await world.timeline.append({ rolloutId, step: "pause", phase: "started", message: failure.error.message });
    return kept.cancelledBy !== undefined;
  });
  // A person has chosen already: before this failure, or in the very moment of the pause.
  if (isCancelled) return endPause(releasing, number, { kind: "put-back", error: cancelledRecord(course) });
  await announce(run, world, { rolloutId, event: "paused", part: number });
  const guard = guardDrains(world, course);
  const choice = await run.gate<Steer>(steerTopic(number), pauseTimeoutMs).finally(() => guard.stop());
  await run.step(`resume ${number}`, recordTimeoutMs, async () => {
    const message = choice ? `${choice.by} chose ${choiceWords(choice)}` : "nobody chose in time: it is put back";
    await world.rollouts.update(rolloutId, { state: "running", pause: undefined });
    await world.timeline.append({ rolloutId, step: "pause", phase: "succeeded", message });
  });
  if (!choice) return { kind: "put-back", error: failure.error };
  if (choice.hosts && choice.action === "exclude") return leaveOutNamed(releasing, choice.hosts, failure);
  return decisionOf(choice, failure);
}

/** `exclude web-3, web-4` where they were named. */
export const choiceWords = ({ action, hosts = [] }: Pick<Steer, "action" | "hosts">): string =>
  [action, hosts.join(", ")].filter((word) => word !== "").join(" ");

/** The named hosts are left out; those that failed and were not named are tried again. */
async function leaveOutNamed(
  releasing: Releasing,
  named: readonly string[],
  { hosts: failed }: Failure,
): Promise<Decision> {
  const isNamed = (host: string) => named.includes(host);
  const ending = await releasing.leaveOut(named, failed.filter(isNamed));
  return ending ?? (failed.every(isNamed) ? "continue" : "retry");
}

async function endPause({ run, world, course }: Releasing, number: number, decision: Decision): Promise<Decision> {
  await run.step(`resume ${number}`, recordTimeoutMs, async () => {
    await world.rollouts.update(course.rolloutId, { state: "running", pause: undefined });
    const message = "it was cancelled already";
    await world.timeline.append({ rolloutId: course.rolloutId, step: "pause", phase: "succeeded", message });
  });
  return decision;
}

function pauseOf(
  { why, hosts, error, choices }: Failure,
  { number, now, pauseTimeoutMs }: { number: number; now: number; pauseTimeoutMs: number },
): Pause {
  const since = new Date(now).toISOString();
  const until = new Date(now + pauseTimeoutMs).toISOString();
  return { number, why, message: error.message, hosts, choices, since, until, ...(why === "asked" ? {} : { error }) };
}

function decisionOf({ action, by }: Steer, { error }: Failure): Decision {
  switch (action) {
    case "retry":
    case "continue":
      return action;
    case "exclude":
      return "leave-out";
    case "put-back":
      return { kind: "put-back", error };
    case "roll-back":
      return { kind: "roll-back", error, by };
    case "abort": {
      const message = `${by} ended the rollout and left the hosts as they were. ${error.message}`;
      return { kind: "aborted", error: new SlipwayError("rollout.aborted", message).toRecord() };
    }
  }
  return action satisfies never;
}
