import type { HostMarks } from "#ports/records.ts";
import type { Database } from "./database.ts";

export const hostMarks = (db: Database): HostMarks => ({
  async all() {
    const rows = await db.selectFrom("host_marks").selectAll().execute();
    return new Map(rows.map(({ key, doc }) => [key, doc]));
  },
  async put(key, mark) {
    if (!mark) {
      await db.deleteFrom("host_marks").where("key", "=", key).execute();
      return;
    }
    const doc = JSON.stringify(mark);
    await db
      .insertInto("host_marks")
      .values({ key, doc })
      .onConflict((conflict) => conflict.column("key").doUpdateSet({ doc }))
      .execute();
  },
});
