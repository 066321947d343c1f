import { randomUUID } from "node:crypto";
import { type Selectable, sql } from "kysely";
import { isFinal, type Rollout, type RolloutState, replacesWaiting } from "#core/rollout.ts";
import type { RolloutRecords } from "#ports/records.ts";
import { tell } from "./changes.ts";
import type { Database } from "./database.ts";
import type { Tables } from "./schema.ts";

const rolloutOf = (row: Selectable<Tables["rollouts"]>): Rollout => ({
  ...row.doc,
  id: row.id,
  number: row.number,
  service: row.service,
  environment: row.environment,
  state: row.state as RolloutState,
  createdAt: row.created_at.toISOString(),
});

export const rolloutRecords = (db: Database): RolloutRecords => ({
  async create({ key, service, environment, ...doc }) {
    const row = await db.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(hashtext(${`${environment}/${service}`}))`.execute(tx);
      const kept = await tx.selectFrom("rollouts").selectAll().where("key", "=", key).executeTakeFirst();
      if (kept) return kept;
      await supersedeWaiting(tx, { service, environment, ...doc });
      return tx
        .insertInto("rollouts")
        .values({ id: randomUUID(), key, service, environment, state: "waiting", doc: JSON.stringify(doc) })
        .returningAll()
        .executeTakeFirstOrThrow();
    });
    await tell(db, "overview");
    return rolloutOf(row);
  },
  async get(id) {
    const row = await db.selectFrom("rollouts").selectAll().where("id", "=", id).executeTakeFirst();
    return row && rolloutOf(row);
  },
  async byNumber(number) {
    const row = await db.selectFrom("rollouts").selectAll().where("number", "=", number).executeTakeFirst();
    return row && rolloutOf(row);
  },
  async list({ service, environment, states, release }, limit) {
    let query = db.selectFrom("rollouts").selectAll().orderBy("number", "desc").limit(limit);
    if (service !== undefined) query = query.where("service", "=", service);
    if (environment !== undefined) query = query.where("environment", "=", environment);
    if (states !== undefined) query = query.where("state", "in", [...states]);
    if (release !== undefined) query = query.where(sql<number>`(doc->>'release')::int`, "=", release);
    return (await query.execute()).map(rolloutOf);
  },
  async update(id, change, onlyIn) {
    const row = await db.transaction().execute(async (tx) => {
      const kept = await tx
        .selectFrom("rollouts")
        .selectAll()
        .where("id", "=", id)
        .forUpdate()
        .executeTakeFirstOrThrow();
      if (isFinal(kept.state as RolloutState) || kept.state !== (onlyIn ?? kept.state)) return kept;
      const { state = kept.state, createdAt: _, service: _service, environment: _environment, ...rest } = change;
      const doc = JSON.stringify({ ...kept.doc, ...rest });
      return tx
        .updateTable("rollouts")
        .set({ state, doc })
        .where("id", "=", id)
        .returningAll()
        .executeTakeFirstOrThrow();
    });
    await tell(db, `rollout/${id}`);
    return rolloutOf(row);
  },
});

/** It takes the place of those that only wait and that it replaces; one that runs is never touched. */
async function supersedeWaiting(db: Database, asked: Pick<Rollout, "service" | "environment" | "reason" | "release">) {
  const rows = await db
    .selectFrom("rollouts")
    .selectAll()
    .where("service", "=", asked.service)
    .where("environment", "=", asked.environment)
    .where("state", "=", "waiting")
    .execute();
  const replaced = rows.map(rolloutOf).filter((waiting) => replacesWaiting(asked, waiting));
  if (replaced.length === 0) return;
  const endedAt = JSON.stringify({ endedAt: new Date().toISOString() });
  await db
    .updateTable("rollouts")
    .set({ state: "superseded", doc: sql`doc || ${endedAt}::jsonb` })
    .where("state", "=", "waiting")
    .where(
      "id",
      "in",
      replaced.map(({ id }) => id),
    )
    .execute();
}
