import { sql } from "kysely";
import type { Holds } from "#ports/records.ts";
import type { Database } from "./database.ts";

export const holds = (db: Database): Holds => ({
  async take(hold) {
    // The first word stays: a repeated step must not record as "before" what it did itself.
    await db
      .insertInto("holds")
      .values({ id: hold.id, rollout_id: hold.rolloutId, doc: JSON.stringify(hold) })
      .onConflict((conflict) => conflict.column("id").doUpdateSet({ doc: untilOf(hold.until) }))
      .execute();
  },
  async renew(rolloutId, until) {
    await db
      .updateTable("holds")
      .set({ doc: untilOf(until) })
      .where("rollout_id", "=", rolloutId)
      .execute();
  },
  async release(id) {
    await db.deleteFrom("holds").where("id", "=", id).execute();
  },
  async ofRollout(rolloutId) {
    const rows = await db.selectFrom("holds").select("doc").where("rollout_id", "=", rolloutId).execute();
    return rows.map((row) => row.doc);
  },
  async all() {
    return (await db.selectFrom("holds").select("doc").execute()).map((row) => row.doc);
  },
});

const untilOf = (until: string) => sql<string>`holds.doc || ${JSON.stringify({ until })}::jsonb`;
