import { type ErrorRecord, SlipwayError } from "#core/errors.ts";
import type { Course } from "#workflows/course.ts";

export const cancelledRecord = ({ rolloutNumber }: Pick<Course, "rolloutNumber">): ErrorRecord =>
  new SlipwayError(
    "rollout.cancelled",
    `Rollout ${rolloutNumber} was cancelled; the hosts it had changed were put back.`,
  ).toRecord();

/** An act that is ended in the middle because a person wants no more of it. */
export const cancelledError = (): SlipwayError =>
  new SlipwayError("rollout.cancelled", "A person cancelled the rollout in the middle of this act.");

export const isCancel = ({ code }: Pick<ErrorRecord, "code">): boolean => code === "rollout.cancelled";
