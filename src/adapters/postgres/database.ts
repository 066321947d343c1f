import { Kysely, Migrator, PostgresDialect } from "kysely";
import pg from "pg";
import { SlipwayError } from "#core/errors.ts";
import { migrations } from "./migrations.ts";
import type { Tables } from "./schema.ts";

/** PostgreSQL's bigint arrives as text by default; ours never leave the range that a number holds exactly. */
const bigintOid = 20;
pg.types.setTypeParser(bigintOid, Number);

/** Any number will do that no other program locks in this database. */
const serverLock = 7_420_001;

/** How long a start waits for a server that was just killed to be forgotten by PostgreSQL. */
const lockPatienceMs = 5_000;
const lockRetryMs = 100;

const poolSize = 10;
const statementTimeoutMs = 30_000;

export type Database = Kysely<Tables>;

/** The database of one server: connected, locked for it alone, and migrated. */
export class PostgresDatabase {
  readonly db: Database;
  readonly #lock: pg.Client;

  private constructor(db: Database, lock: pg.Client) {
    this.db = db;
    this.#lock = lock;
  }

  /** Fails with server.second when another server holds this database. */
  static async open(url: string, log: (line: string) => void): Promise<PostgresDatabase> {
    const lock = await lockForOneServer(url, log);
    const pool = new pg.Pool({ connectionString: url, max: poolSize, statement_timeout: statementTimeoutMs });
    pool.on("error", (error) => log(`database connection lost: ${error.message}`));
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
    const { error } = await new Migrator({ db, provider: { getMigrations: async () => migrations } }).migrateToLatest();
    if (error) throw error;
    return new PostgresDatabase(db, lock);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.db.destroy();
    await this.#lock.end();
  }
}

/** A session lock: it ends with the connection, so also with a kill. */
async function lockForOneServer(url: string, log: (line: string) => void): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, keepAlive: true });
  client.on("error", (error) => log(`database lock connection lost: ${error.message}`));
  await client.connect();
  const giveUpAt = Date.now() + lockPatienceMs;
  while (!(await tryLock(client))) {
    if (Date.now() > giveUpAt) {
      await client.end();
      throw new SlipwayError("server.second", "Another Slipway server is running on this database.");
    }
    await new Promise((resolve) => setTimeout(resolve, lockRetryMs));
  }
  return client;
}

async function tryLock(client: pg.Client): Promise<boolean> {
  const answer = await client.query<{ locked: boolean }>("select pg_try_advisory_lock($1) as locked", [serverLock]);
  return answer.rows[0]?.locked === true;
}
