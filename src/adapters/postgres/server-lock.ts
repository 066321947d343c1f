import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { SlipwayError } from "#core/errors.ts";

/** Any number will do that no other program locks in this database. */
const serverLock = 7_420_001;

/** How long a start waits for a server that was just killed to be forgotten by PostgreSQL. */
const patienceMs = 5_000;
const retryMs = 100;
const reconnectMs = 500;
const answerMs = 5_000;

type Told = {
  log(line: string): void;
  /** Another server has taken the database while this one had no connection to it. */
  onTaken(error: SlipwayError): void;
};

/**
 * That this database has one server. A session lock: it ends with the connection, so also with a kill. When PostgreSQL
 * restarts, the lock is taken again as soon as it answers.
 */
export class ServerLock {
  readonly #url: string;
  readonly #told: Told;
  #client: pg.Client | undefined;
  #isReleased = false;

  private constructor(url: string, told: Told) {
    this.#url = url;
    this.#told = told;
  }

  /** Fails with server.second when another server holds it. */
  static async take(url: string, told: Told): Promise<ServerLock> {
    const lock = new ServerLock(url, told);
    await lock.#take();
    return lock;
  }

  /**
   * Resolves once the session that holds the lock has answered just now. While it does not, this waits: for the lock to
   * be taken again, or for the signal.
   */
  async held(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#client && (await answers(this.#client))) return;
      await wait(retryMs, undefined, { signal });
    }
  }

  async release(): Promise<void> {
    this.#isReleased = true;
    await this.#client?.end();
  }

  async #take(): Promise<void> {
    const client = new pg.Client({ connectionString: this.#url, keepAlive: true });
    let isTaken = false;
    client.on("error", (error) => {
      if (isTaken && this.#client === client) this.#takeAgain(error);
    });
    await client.connect();
    const giveUpAt = performance.now() + patienceMs;
    while (!(await tryLock(client))) {
      if (performance.now() > giveUpAt) {
        await client.end();
        throw new SlipwayError("server.second", "Another Slipway server is running on this database.");
      }
      await wait(retryMs);
    }
    isTaken = true;
    this.#client = client;
  }

  async #takeAgain(lost: Error): Promise<void> {
    this.#client = undefined;
    this.#told.log(`database lock connection lost: ${lost.message}`);
    while (!this.#isReleased && !this.#client) {
      await wait(reconnectMs);
      try {
        await this.#take();
      } catch (error) {
        if (error instanceof SlipwayError) return this.#told.onTaken(error);
        this.#told.log(`the database does not answer yet: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    if (this.#isReleased) await this.release();
  }
}

/** Whether any server holds the database at that address. */
export async function isServed(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  try {
    await client.connect();
    const isFree = await tryLock(client);
    return !isFree;
  } finally {
    await client.end();
  }
}

async function answers(client: pg.Client): Promise<boolean> {
  try {
    await client.query({ text: "select 1", query_timeout: answerMs } as pg.QueryConfig);
    return true;
  } catch {
    return false;
  }
}

async function tryLock(client: pg.Client): Promise<boolean> {
  const answer = await client.query<{ locked: boolean }>("select pg_try_advisory_lock($1) as locked", [serverLock]);
  return answer.rows[0]?.locked === true;
}
