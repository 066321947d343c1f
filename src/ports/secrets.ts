import type { Secret } from "#core/secret.ts";

export interface Secrets {
  /**
   * The value of that name: the one that is set now, or the one that was kept under that version.
   * Fails: secret.missing, with the places that were looked at.
   */
  reveal(name: string, version?: string): Promise<Secret>;
  /**
   * The value that is set now is kept, and found again under the version that it resolves with: the same value has the
   * same version. So a roll back runs with the secrets of then. Fails: secret.missing.
   */
  keep(name: string): Promise<string>;
  /** Every secret seen so far, for masking text. */
  known(): readonly Secret[];
}
