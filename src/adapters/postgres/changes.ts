import { sql } from "kysely";
import pg from "pg";
import type { Changes } from "#ports/records.ts";
import type { Database } from "./database.ts";

const channel = "slipway_changes";
const reconnectMs = 1_000;

/** Tells every follower of every process, after the transaction that the change belongs to. */
export async function tell(db: Database, topic: string): Promise<void> {
  await sql`select pg_notify(${channel}, ${topic})`.execute(db);
}

/** One listening connection for all followers; comes back by itself when it is lost, and then says `overview`. */
export class PostgresChanges implements Changes {
  readonly #url: string;
  readonly #log: (line: string) => void;
  readonly #followers = new Set<(topic: string) => void>();
  #client: pg.Client | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(url: string, log: (line: string) => void) {
    this.#url = url;
    this.#log = log;
  }

  async open(): Promise<void> {
    const client = new pg.Client({ connectionString: this.#url, keepAlive: true });
    this.#client = client;
    client.on("notification", ({ payload }) => this.tell(payload ?? "overview"));
    client.on("error", (error) => this.#reopenLater(error));
    await client.connect();
    await client.query(`listen ${channel}`);
    this.tell("overview");
  }

  follow(onChange: (topic: string) => void): () => void {
    this.#followers.add(onChange);
    return () => this.#followers.delete(onChange);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    await this.#client?.end();
  }

  tell(topic: string): void {
    for (const follower of this.#followers) follower(topic);
  }

  #reopenLater(error: Error): void {
    if (this.#isClosed) return;
    this.#log(`listening connection lost: ${error.message}`);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.open().catch((again: Error) => this.#reopenLater(again)), reconnectMs);
  }
}
