import { setTimeout as wait } from "node:timers/promises";
import type { PostgresPool, PostgresPoolClient } from "kysely";
import { isAway, type Patience, patienceMs, retryMs } from "./away.ts";

/**
 * A pool whose callers wait while PostgreSQL is restarted: what an act did in the world is recorded a little later
 * instead of as a failure.
 */
export class PatientPool implements PostgresPool {
  readonly #pool: PostgresPool;
  readonly #log: (line: string) => void;
  readonly #limits: Patience;
  #isEnding = false;

  constructor(pool: PostgresPool, log: (line: string) => void, limits: Patience = { patienceMs, retryMs }) {
    this.#pool = pool;
    this.#log = log;
    this.#limits = limits;
  }

  /** Rejects with the pool's own error once the patience is over, and at once when the pool ends or refuses for good. */
  async connect(): Promise<PostgresPoolClient> {
    const giveUpAt = performance.now() + this.#limits.patienceMs;
    for (let isFirst = true; ; isFirst = false) {
      try {
        return await this.#pool.connect();
      } catch (error) {
        if (this.#isEnding || !isAway(error) || performance.now() > giveUpAt) throw error;
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
