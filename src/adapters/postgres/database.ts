import { Kysely, Migrator, PostgresDialect } from "kysely";
import pg from "pg";
import type { SlipwayError } from "#core/errors.ts";
import { askAgain } from "./ask-again.ts";
import { migrations } from "./migrations.ts";
import { PatientPool } from "./patient-pool.ts";
import type { Tables } from "./schema.ts";
import { ServerLock } from "./server-lock.ts";

/** PostgreSQL's bigint arrives as text by default; ours never leave the range that a number holds exactly. */
const bigintOid = 20;
pg.types.setTypeParser(bigintOid, Number);

const poolSize = 10;
const statementTimeoutMs = 30_000;
/** Of a server that does not answer at all: later than its own limit, so that its words are seen where it has any. */
const queryTimeoutMs = 40_000;
const connectTimeoutMs = 10_000;

export type Database = Kysely<Tables>;

/** The database of one server: connected, locked for it alone, and migrated. */
export class PostgresDatabase {
  readonly db: Database;
  readonly #lock: ServerLock;

  private constructor(db: Database, lock: ServerLock) {
    this.db = db;
    this.#lock = lock;
  }

  /** Fails with server.second when another server holds this database; `onTaken` when one takes it later on. */
  static async open(
    url: string,
    log: (line: string) => void,
    onTaken: (error: SlipwayError) => void = ({ message }) => log(message),
  ): Promise<PostgresDatabase> {
    const lock = await ServerLock.take(url, { log, onTaken });
    const pool = new pg.Pool({
      connectionString: url,
      max: poolSize,
      keepAlive: true,
      connectionTimeoutMillis: connectTimeoutMs,
      statement_timeout: statementTimeoutMs,
      query_timeout: queryTimeoutMs,
    });
    pool.on("error", (error) => log(`database connection lost: ${error.message}`));
    // Between two statements of a transaction nothing else listens, and a lost connection would end the process.
    pool.on("connect", (client) => client.on("error", () => {}));
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: new PatientPool(pool, log) }) });
    const { error } = await new Migrator({ db, provider: { getMigrations: async () => migrations } }).migrateToLatest();
    if (error) throw error;
    return new PostgresDatabase(db, lock);
  }

  /** One kind of records, which PostgreSQL keeps; a PostgreSQL that is restarted while it is asked is asked again. */
  records<T extends object>(kind: (db: Database) => T): T {
    return askAgain(kind(this.db));
  }

  /** Resolves while this server is the only one on its database; otherwise waits for that, or for the signal. */
  held(signal: AbortSignal): Promise<void> {
    return this.#lock.held(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.db.destroy();
    await this.#lock.release();
  }
}
