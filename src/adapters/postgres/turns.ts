import { sql } from "kysely";
import type { Turns } from "#ports/records.ts";
import type { Database } from "./database.ts";

/** Any number that nothing else of Slipway locks. */
export const lockKey = 7_420_015;

/**
 * At least the milliseconds since 1970: hosts remember the greatest turn they have seen, and a database that was restored
 * from a backup, or made anew, must not begin below it.
 */
export const turns = (db: Database): Turns => ({
  async next() {
    const { rows } = await sql<{ turn: string }>`
      with alone as materialized (select pg_advisory_xact_lock(${lockKey}::bigint))
      select setval('turns', greatest(nextval('turns'), (extract(epoch from clock_timestamp()) * 1000)::bigint)) as turn
      from alone`.execute(db);
    const turn = Number(rows[0]?.turn);
    if (!Number.isSafeInteger(turn)) throw new Error("the sequence of turns gave no number");
    return turn;
  },
});
