import type { RunSpec, ServiceSpec } from "#core/service.ts";

/** Repository and digest; a tag is only a label. */
export type Image = { readonly repository: string; readonly digest: string };

export type Commit = {
  readonly sha: string;
  readonly branch: string;
  /** First line of the message, at most 200 characters, control characters removed. */
  readonly subject: string;
  readonly author: string;
};

/** Image and run configuration, numbered per service, never changed. */
export type Release = {
  readonly service: string;
  readonly number: number;
  readonly buildId: string;
  /** Grows with every head that is seen; says which of two releases is of the newer commit. */
  readonly buildNumber: number;
  readonly source: string;
  readonly commit: Commit;
  readonly image: Image;
  readonly run: RunSpec;
  readonly environments: ServiceSpec["environments"];
  readonly createdAt: string;
};

export const imageReference = (image: Image): string => `${image.repository}@${image.digest}`;
