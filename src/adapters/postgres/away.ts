/** As long as a PostgreSQL takes that is restarted with much to recover. */
export const patienceMs = 60_000;
export const retryMs = 250;

export type Patience = { readonly patienceMs: number; readonly retryMs: number };

/** It refuses, resets, starts up or shuts down. SQLSTATE class 57: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const isAwayCode = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOENT", "57P01", "57P02", "57P03"]);
/** What node-postgres says of a connection that has gone, and has no code. */
const isAwayWords = /^Connection terminated|^Client has encountered a connection error|^Client was closed/;

/** True of what PostgreSQL, or the way to it, fails with while it is restarted: asked again it may well answer. */
export const isAway = (error: unknown): error is Error =>
  error instanceof Error &&
  (("code" in error && typeof error.code === "string" && isAwayCode.has(error.code)) ||
    isAwayWords.test(error.message));
