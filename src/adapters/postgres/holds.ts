import { sql } from "kysely";
import type { Hold, Holds } from "#ports/records.ts";
import type { Database } from "./database.ts";

export const holds = (db: Database): Holds => ({
  async take(hold) {
    await db.transaction().execute(async (transaction) => {
      // The first word stays: a repeated step must not record as "before" what it did itself.
      const taken = await transaction
        .insertInto("holds")
        .values(rowOf(hold))
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
      await noteTaken(transaction, hold);
    });
  },
  async replace(hold, asSeen) {
    return db.transaction().execute(async (transaction) => {
      const update = (seen: Hold) =>
        transaction.updateTable("holds").set(rowOf(hold)).where("id", "=", hold.id).where(isAsSeen(seen));
      const insert = () =>
        transaction
          .insertInto("holds")
          .values(rowOf(hold))
          .onConflict((conflict) => conflict.column("id").doNothing());
      const put = asSeen ? update(asSeen).returning("id") : insert().returning("id");
      if (!(await put.executeTakeFirst())) return false;
      await noteGivenBack(transaction, hold.id);
      await noteTaken(transaction, hold);
      return true;
    });
  },
  async renew(rolloutId, until) {
    await db
      .updateTable("holds")
      .set({ doc: untilOf(until) })
      .where("rollout_id", "=", rolloutId)
      .execute();
  },
  async release(id, asSeen) {
    return db.transaction().execute(async (transaction) => {
      const all = transaction.deleteFrom("holds").where("id", "=", id).returning("id");
      const gone = await (asSeen ? all.where(isAsSeen(asSeen)) : all).executeTakeFirst();
      if (gone) await noteGivenBack(transaction, id);
      return gone !== undefined;
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

const rowOf = (hold: Hold) => ({ id: hold.id, rollout_id: hold.rolloutId, doc: JSON.stringify(hold) });

const isAsSeen = (hold: Hold) => sql<boolean>`holds.doc = ${JSON.stringify(hold)}::jsonb`;

const noteTaken = (db: Database, { id, rolloutId, kind, subject, before }: Hold) =>
  db.insertInto("hold_history").values({ hold_id: id, rollout_id: rolloutId, kind, subject, before }).execute();

const noteGivenBack = (db: Database, id: string) =>
  db
    .updateTable("hold_history")
    .set({ given_back_at: sql`now()` })
    .where("hold_id", "=", id)
    .where("given_back_at", "is", null)
    .execute();

const untilOf = (until: string) => sql<string>`holds.doc || ${JSON.stringify({ until })}::jsonb`;
