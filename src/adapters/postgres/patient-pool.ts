import { setTimeout as wait } from "node:timers/promises";
import type { PostgresPool, PostgresPoolClient } from "kysely";

/** As long as a PostgreSQL takes that is restarted with much to recover. */
const patienceMs = 60_000;
const retryMs = 250;

/** It refuses, resets, starts up or shuts down: nothing was asked of it yet, so asking again is safe. */
const isAway = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOENT", "57P01", "57P02", "57P03"]);

/**
 * A pool whose callers wait while PostgreSQL is restarted: what an act did in the world is recorded a little later
 * instead of as a failure.
 */
export class PatientPool implements PostgresPool {
  readonly #pool: PostgresPool;
  readonly #log: (line: string) => void;
  readonly #limits: { patienceMs: number; retryMs: number };
  #isEnding = false;

  constructor(pool: PostgresPool, log: (line: string) => void, limits = { patienceMs, retryMs }) {
    this.#pool = pool;
    this.#log = log;
    this.#limits = limits;
  }

  async connect(): Promise<PostgresPoolClient> {
    const giveUpAt = performance.now() + this.#limits.patienceMs;
    for (let isFirst = true; ; isFirst = false) {
      try {
        return await this.#pool.connect();
      } catch (error) {
        if (this.#isEnding || !isPassing(error) || performance.now() > giveUpAt) throw error;
        if (isFirst) this.#log(`waiting for the database: ${error.message}`);
        await wait(this.#limits.retryMs);
      }
    }
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#pool.end();
  }
}

const isPassing = (error: unknown): error is Error =>
  error instanceof Error &&
  (("code" in error && typeof error.code === "string" && isAway.has(error.code)) ||
    /^Connection terminated/.test(error.message));
