import { type ErrorRecord, SlipwayError } from "#core/errors.ts";
import type { Course } from "#workflows/course.ts";

export const cancelledRecord = ({ rolloutNumber }: Pick<Course, "rolloutNumber">): ErrorRecord =>
  new SlipwayError(
    "rollout.cancelled",
    `Rollout ${rolloutNumber} was cancelled; the hosts it had changed were put back.`,
  ).toRecord();
