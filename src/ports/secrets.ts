import type { Secret } from "#core/secret.ts";

export interface Secrets {
  /** The value of that name. Fails: secret.missing, with the places that were looked at. */
  reveal(name: string): Promise<Secret>;
  /** Every secret seen so far, for masking text. */
  known(): readonly Secret[];
}
