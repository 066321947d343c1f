import { type ErrorCode, type ErrorRecord, SlipwayError } from "#core/errors.ts";
import type { Pause, SteerAction } from "#core/rollout.ts";
import { cancelledRecord, isCancel } from "#workflows/cancelled.ts";
import { rolloutSpecOf } from "#workflows/course.ts";
import { pauseForPerson } from "#workflows/pause.ts";
import type { Releasing } from "#workflows/releasing.ts";

/** How a rollout ends before its last batch. */
export type Ending =
  | { readonly kind: "put-back"; readonly error: ErrorRecord }
  /** The hosts stay as they are. */
  | { readonly kind: "aborted"; readonly error: ErrorRecord }
  /** The hosts stay as they are for a roll back that follows at once. */
  | { readonly kind: "roll-back"; readonly error: ErrorRecord; readonly by: string }
  /** A newer rollout goes on with the hosts. */
  | { readonly kind: "superseded"; readonly error: ErrorRecord; readonly by: number };

/** What comes next: an end, or one of the ways to go on. */
export type Decision = Ending | "retry" | "leave-out" | "continue";

/** What went wrong, at which hosts, and what a person may choose about it. */
export type Failure = {
  readonly why: Pause["why"];
  readonly hosts: readonly string[];
  readonly error: ErrorRecord;
  readonly choices: readonly SteerAction[];
};

/** What to put a host back for would do harm, or what nobody can know the reason of: a person is asked in any case. */
const asksAlways: ReadonlySet<ErrorCode> = new Set(["capacity.lost", "act.stalled"]);

/** What the environment's policy says of a failure; where it says `pause`, what a person says. */
export async function decide(releasing: Releasing, failure: Failure): Promise<Decision> {
  const { error, why, hosts, choices } = failure;
  const { onFailure, maxFailures } = rolloutSpecOf(releasing.course);
  if (why === "failure" && isCancel(error)) return { kind: "put-back", error: cancelledRecord(releasing.course) };
  if (onFailure === "pause" || why !== "failure" || asksAlways.has(error.code))
    return pauseForPerson(releasing, failure);
  const canGoOn = onFailure === "continue" && hosts.length > 0 && choices.includes("exclude");
  if (!canGoOn) return { kind: "put-back", error };
  const failures = releasing.failures + hosts.length;
  if (failures <= maxFailures) return "leave-out";
  return { kind: "put-back", error: maxFailures === 0 ? error : tooMany(failures, maxFailures, error) };
}

const tooMany = (failures: number, allowed: number, { message, ...last }: ErrorRecord): ErrorRecord => ({
  ...last,
  ...new SlipwayError(
    "failures.too-many",
    `${failures} hosts failed, ${allowed} may fail. The last: ${message}`,
  ).toRecord(),
});
