import type { Selectable } from "kysely";
import type { Build, BuildState } from "#core/build.ts";
import type { BuildRecords } from "#ports/records.ts";
import { tell } from "./changes.ts";
import type { Database } from "./database.ts";
import type { Tables } from "./schema.ts";

export const buildOf = (row: Selectable<Tables["builds"]>): Build => ({
  ...row.doc,
  id: row.id,
  number: row.number,
  state: row.state as BuildState,
  createdAt: row.created_at.toISOString(),
});

export const buildRecords = (db: Database): BuildRecords => ({
  async get(id) {
    const row = await db.selectFrom("builds").selectAll().where("id", "=", id).executeTakeFirst();
    return row && buildOf(row);
  },
  async byNumber(number) {
    const row = await db.selectFrom("builds").selectAll().where("number", "=", number).executeTakeFirst();
    return row && buildOf(row);
  },
  async list(limit) {
    const rows = await db.selectFrom("builds").selectAll().orderBy("number", "desc").limit(limit).execute();
    return rows.map(buildOf);
  },
  async open() {
    const open = ["waiting", "running"];
    const rows = await db.selectFrom("builds").selectAll().where("state", "in", open).orderBy("number").execute();
    return rows.map(buildOf);
  },
  async update(id, change) {
    const row = await db.transaction().execute(async (tx) => {
      const kept = await tx.selectFrom("builds").selectAll().where("id", "=", id).forUpdate().executeTakeFirstOrThrow();
      const { state = kept.state, createdAt: _, ...rest } = change;
      const doc = JSON.stringify({ ...kept.doc, ...rest });
      return tx.updateTable("builds").set({ state, doc }).where("id", "=", id).returningAll().executeTakeFirstOrThrow();
    });
    await tell(db, `build/${id}`);
    return buildOf(row);
  },
});
