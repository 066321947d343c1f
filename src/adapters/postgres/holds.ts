import { sql } from "kysely";
import type { Holds } from "#ports/records.ts";
import type { Database } from "./database.ts";

export const holds = (db: Database): Holds => ({
  async take(hold) {
    await db.transaction().execute(async (transaction) => {
      // The first word stays: a repeated step must not record as "before" what it did itself.
      const taken = await transaction
        .insertInto("holds")
        .values({ id: hold.id, rollout_id: hold.rolloutId, doc: JSON.stringify(hold) })
        .onConflict((conflict) => conflict.column("id").doNothing())
        .returning("id")
        .executeTakeFirst();
      if (!taken) {
        await transaction
          .updateTable("holds")
          .set({ doc: untilOf(hold.until) })
          .where("id", "=", hold.id)
          .execute();
        return;
      }
      await transaction
        .insertInto("hold_history")
        .values({
          hold_id: hold.id,
          rollout_id: hold.rolloutId,
          kind: hold.kind,
          subject: hold.subject,
          before: hold.before,
        })
        .execute();
    });
  },
  async renew(rolloutId, until) {
    await db
      .updateTable("holds")
      .set({ doc: untilOf(until) })
      .where("rollout_id", "=", rolloutId)
      .execute();
  },
  async release(id) {
    await db.transaction().execute(async (transaction) => {
      await transaction.deleteFrom("holds").where("id", "=", id).execute();
      await transaction
        .updateTable("hold_history")
        .set({ given_back_at: sql`now()` })
        .where("hold_id", "=", id)
        .where("given_back_at", "is", null)
        .execute();
    });
  },
  async ofRollout(rolloutId) {
    const rows = await db.selectFrom("holds").select("doc").where("rollout_id", "=", rolloutId).execute();
    return rows.map((row) => row.doc);
  },
  async all() {
    return (await db.selectFrom("holds").select("doc").execute()).map((row) => row.doc);
  },
  async history(rolloutId) {
    const rows = await db
      .selectFrom("hold_history")
      .selectAll()
      .where("rollout_id", "=", rolloutId)
      .orderBy("seq")
      .execute();
    return rows.map(({ kind, subject, before, taken_at, given_back_at }) => ({
      kind,
      subject,
      ...(before === null ? {} : { before }),
      takenAt: taken_at.toISOString(),
      ...(given_back_at ? { givenBackAt: given_back_at.toISOString() } : {}),
    }));
  },
});

const untilOf = (until: string) => sql<string>`holds.doc || ${JSON.stringify({ until })}::jsonb`;
