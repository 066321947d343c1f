import type { Secret } from "#core/secret.ts";

/** Asks what somebody else measures. */
export interface Metrics {
  /**
   * The one number that the query gives now at the Prometheus of that address (`/api/v1/query`, an instant query that
   * gives a scalar or a vector of one), with the token as a bearer token. Undefined when it gives none or many, when nothing answers in time, or when the
   * answer is an error, with the words told to `onReason`: not measured is no verdict. Rejects only with the signal's
   * reason.
   */
  number(
    at: { readonly url: string; readonly query: string; readonly token?: Secret },
    signal: AbortSignal,
    onReason?: (words: string) => void,
  ): Promise<number | undefined>;
}
