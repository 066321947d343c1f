import { type ErrorRecord, errorCodes, SlipwayError } from "#core/errors.ts";
import type { NoticeEvent } from "#core/fleet.ts";
import { type Receipt, shortReceipt } from "#core/receipt.ts";
import type { RolloutState } from "#core/rollout.ts";
import type { Run } from "#engine/run.ts";
import { act } from "#workflows/act.ts";
import { announce } from "#workflows/announce.ts";
import type { Ending } from "#workflows/decide.ts";
import type { Releasing } from "#workflows/releasing.ts";
import type { World } from "#workflows/world.ts";
import { completeReceipt, writeReceipt, writeStuckReceipt } from "#workflows/write-receipt.ts";

const recordTimeoutMs = 60_000;

/** The rollout ended before it touched anything: a refusal, or the world's failure to be looked at. */
export async function endUntouched(
  run: Run,
  world: World,
  rolloutId: string,
  error: ErrorRecord = new SlipwayError("fault", "The plan gave neither a course nor a reason.").toRecord(),
): Promise<void> {
  await run.step("end untouched", recordTimeoutMs, async () => {
    const endedAt = new Date(world.clock.now()).toISOString();
    await world.rollouts.update(rolloutId, { state: stateFor(error), error, endedAt });
  });
  // Nobody needs to hear of one whose place another takes.
  if (stateFor(error) !== "superseded") await announce(run, world, { rolloutId, event: "failed" });
}

const stateFor = (error: ErrorRecord): RolloutState => {
  if (error.code === "rollout.superseded") return "superseded";
  const kind = errorCodes[error.code].kind;
  return kind === "refusal" ? "refused" : kind === "cancelled" ? "cancelled" : "failed";
};

/** What no policy foresaw, a fault of ours among it: a person is told, and what is held is left to the reaper. */
export async function endStuck(run: Run, world: World, rolloutId: string, error: ErrorRecord): Promise<void> {
  await run.step("end stuck", recordTimeoutMs, async () => {
    const endedAt = new Date(world.clock.now()).toISOString();
    // What brought it here may keep the receipt from being written as well: that it has ended is recorded all the same.
    const receipt = await writeStuckReceipt(world, rolloutId).catch(() => undefined);
    const proof = receipt ? { receipt: shortReceipt(receipt) } : {};
    await world.rollouts.update(rolloutId, { state: "stuck", error, endedAt: receipt?.endedAt ?? endedAt, ...proof });
  });
  await announce(run, world, { rolloutId, event: "failed" });
}

type End = {
  readonly releasing: Releasing;
  /** Absent: every host is on the release. */
  readonly ending: Ending | undefined;
  /** What could not be put back. */
  readonly stuck: ErrorRecord | undefined;
};

/** The receipt is written and the rollout has its final state. */
export async function endRollout(run: Run, world: World, end: End): Promise<NoticeEvent | undefined> {
  const { course, excluded } = end.releasing;
  const { network, group } = course;
  const state = stateOf(end);
  await act(
    run,
    world,
    { rolloutId: course.rolloutId, step: "finish" },
    {
      timeoutMs: recordTimeoutMs,
      async doing() {
        const receipt = await writeReceipt(world, course, { outcome: state, excluded });
        const error = end.stuck ?? end.ending?.error;
        await world.rollouts.update(course.rolloutId, {
          state,
          receipt: shortReceipt(receipt),
          endedAt: receipt.endedAt,
          ...(error ? { error } : {}),
          ...(excluded.length > 0 ? { excluded } : {}),
          ...(end.ending?.kind === "superseded"
            ? { supersededBy: end.ending.by, touched: end.releasing.touched(), touchedAt: { network, group } }
            : {}),
        });
      },
    },
  );
  completeReceipt(world, course, end.releasing.traffic);
  return noticeFor[state];
}

type EndState = Receipt["outcome"];

function stateOf({ ending, stuck }: End): EndState {
  if (!ending) return "succeeded";
  if (stuck) return "stuck";
  if (ending.kind === "superseded") return "superseded";
  if (ending.kind !== "put-back") return "aborted";
  return ending.error.code === "rollout.cancelled" ? "cancelled" : "failed";
}

/** Nobody needs to hear of one that another goes on with. */
const noticeFor: Readonly<Record<EndState, NoticeEvent | undefined>> = {
  succeeded: "succeeded",
  failed: "put-back",
  cancelled: "put-back",
  stuck: "failed",
  aborted: "failed",
  superseded: undefined,
};
