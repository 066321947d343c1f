import { type Selectable, sql } from "kysely";
import type { Release } from "#core/release.ts";
import type { ReleaseRecords } from "#ports/records.ts";
import type { Database } from "./database.ts";
import type { Tables } from "./schema.ts";

const releaseOf = (row: Selectable<Tables["releases"]>): Release => ({
  ...row.doc,
  service: row.service,
  number: row.number,
  buildId: row.build_id,
  createdAt: row.created_at.toISOString(),
});

export const releaseRecords = (db: Database): ReleaseRecords => ({
  async create({ service, buildId, ...rest }) {
    return db.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(hashtext(${service}))`.execute(tx);
      const kept = await tx.selectFrom("releases").selectAll().where("build_id", "=", buildId).executeTakeFirst();
      if (kept) return releaseOf(kept);
      const last = await tx
        .selectFrom("releases")
        .select(({ fn }) => fn.max("number").as("number"))
        .where("service", "=", service)
        .executeTakeFirst();
      const row = await tx
        .insertInto("releases")
        .values({ service, number: (last?.number ?? 0) + 1, build_id: buildId, doc: JSON.stringify(rest) })
        .returningAll()
        .executeTakeFirstOrThrow();
      return releaseOf(row);
    });
  },
  async get(service, number) {
    const row = await db
      .selectFrom("releases")
      .selectAll()
      .where("service", "=", service)
      .where("number", "=", number)
      .executeTakeFirst();
    return row && releaseOf(row);
  },
  async list(service, limit) {
    const rows = await db
      .selectFrom("releases")
      .selectAll()
      .where("service", "=", service)
      .orderBy("number", "desc")
      .limit(limit)
      .execute();
    return rows.map(releaseOf);
  },
  async services() {
    const rows = await db.selectFrom("releases").select("service").distinct().orderBy("service").execute();
    return rows.map((row) => row.service);
  },
});
