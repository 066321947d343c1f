import { sql } from "kysely";
import type { Turns } from "#ports/records.ts";
import type { Database } from "./database.ts";

export const turns = (db: Database): Turns => ({
  async next() {
    const { rows } = await sql<{ turn: string }>`select nextval('turns') as turn`.execute(db);
    const turn = Number(rows[0]?.turn);
    if (!Number.isSafeInteger(turn)) throw new Error("the sequence of turns gave no number");
    return turn;
  },
});
