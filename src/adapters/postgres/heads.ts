import { randomUUID } from "node:crypto";
import type { Build } from "#core/build.ts";
import type { HeadRecords, NewHead, SourceSight } from "#ports/records.ts";
import { buildOf } from "./builds.ts";
import { tell } from "./changes.ts";
import type { Database } from "./database.ts";

export const headRecords = (db: Database): HeadRecords => ({
  async see(source, heads) {
    return db.transaction().execute(async (tx) => {
      const made: Build[] = [];
      for (const head of heads) if (await isNew(tx, head)) made.push(await makeBuild(tx, source, head));
      if (made.length > 0) await tell(tx, "overview");
      return made;
    });
  },
  async noteSight(sight) {
    const doc = JSON.stringify(sight);
    await db
      .insertInto("source_sights")
      .values({ name: sight.name, doc })
      .onConflict((conflict) => conflict.column("name").doUpdateSet({ doc }))
      .execute();
    await tell(db, "overview");
  },
  async sights(): Promise<readonly SourceSight[]> {
    const rows = await db.selectFrom("source_sights").select("doc").orderBy("name").execute();
    return rows.map((row) => row.doc);
  },
});

/** Remembers the head and says whether it differs from what was remembered: one statement, so no head is new twice. */
async function isNew(db: Database, { source, branch, sha }: NewHead): Promise<boolean> {
  const changed = await db
    .insertInto("heads")
    .values({ source, branch, sha })
    .onConflict((conflict) => conflict.columns(["source", "branch"]).doUpdateSet({ sha }).where("heads.sha", "!=", sha))
    .returning("sha")
    .execute();
  return changed.length > 0;
}

async function makeBuild(db: Database, source: string, { branch, sha }: NewHead): Promise<Build> {
  const doc = { source, commit: { sha, branch, subject: "", author: "" }, steps: [], remarks: [] };
  const row = await db
    .insertInto("builds")
    .values({ id: randomUUID(), state: "waiting", doc: JSON.stringify(doc) })
    .returningAll()
    .executeTakeFirstOrThrow();
  return buildOf(row);
}
