import type { ErrorRecord } from "#core/errors.ts";
import type { Commit, Image } from "#core/release.ts";

export type BuildState = "waiting" | "running" | "succeeded" | "failed";

export type BuildStep = {
  readonly name: string;
  readonly state: "waiting" | "running" | "succeeded" | "failed";
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly exitCode?: number;
  readonly tests?: TestReport;
};

/** Counts read from JUnit reports, and the tests that failed (at most 50, each message cut at 2,000 characters). */
export type TestReport = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly { readonly name: string; readonly message: string }[];
};

/** One run of a repository's pipeline for one commit; it ends in an image. */
export type Build = {
  readonly id: string;
  readonly number: number;
  readonly source: string;
  readonly commit: Commit;
  readonly state: BuildState;
  /** Known once its slipway.yaml was read. */
  readonly service?: string;
  readonly steps: readonly BuildStep[];
  readonly image?: Image;
  readonly imageReused?: boolean;
  readonly release?: number;
  readonly error?: ErrorRecord;
  /** What became of it beyond the image: "rolled out to integration as rollout 7", "built, not rolled out: ...". */
  readonly remarks: readonly string[];
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
};

export const isBuildOpen = ({ state }: Pick<Build, "state">): boolean => state === "waiting" || state === "running";
