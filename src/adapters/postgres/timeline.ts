import { type Selectable, sql } from "kysely";
import type { TimelineEvent } from "#core/rollout.ts";
import type { Observer } from "#core/traffic-series.ts";
import type { Timeline } from "#ports/records.ts";
import { tell } from "./changes.ts";
import type { Database } from "./database.ts";
import type { Tables } from "./schema.ts";

const eventOf = (row: Selectable<Tables["timeline"]>): TimelineEvent => ({
  ...row.doc,
  seq: row.seq,
  rolloutId: row.rollout_id,
  at: row.at.toISOString(),
  phase: row.phase as TimelineEvent["phase"],
});

export const timeline = (db: Database): Timeline => ({
  async append({ rolloutId, phase, ...rest }) {
    const act = [rest.host ?? "", rest.direction ?? "", rest.step].join("/");
    const before = await db
      .selectFrom("timeline")
      .select(({ fn }) => fn.countAll<number>().as("count"))
      .where("rollout_id", "=", rolloutId)
      .where("act", "=", act)
      .where("phase", "=", "started")
      .executeTakeFirstOrThrow();
    const attempt = Math.max(1, before.count + (phase === "started" ? 1 : 0));
    const row = await db
      .insertInto("timeline")
      .values({ rollout_id: rolloutId, act, phase, doc: JSON.stringify({ ...rest, attempt }) })
      .returningAll()
      .executeTakeFirstOrThrow();
    await tell(db, `rollout/${rolloutId}`);
    return eventOf(row);
  },
  async of(rolloutId, afterSeq = 0) {
    const rows = await db
      .selectFrom("timeline")
      .selectAll()
      .where("rollout_id", "=", rolloutId)
      .where("seq", ">", afterSeq)
      .orderBy("seq")
      .execute();
    return rows.map(eventOf);
  },
  async noteTraffic(rolloutId, part, count) {
    await db
      .insertInto("traffic")
      .values({ rollout_id: rolloutId, part, ...count })
      .onConflict((conflict) =>
        conflict.columns(["rollout_id", "part"]).doUpdateSet({
          requests: sql`greatest(traffic.requests, excluded.requests)`,
          failed: sql`greatest(traffic.failed, excluded.failed)`,
          cut: sql`greatest(traffic.cut, excluded.cut)`,
        }),
      )
      .execute();
  },
  async noteCounters(rolloutId, part, counters) {
    await db
      .insertInto("counters")
      .values({ rollout_id: rolloutId, part, doc: JSON.stringify(counters) })
      .onConflict((conflict) => conflict.columns(["rollout_id", "part"]).doNothing())
      .execute();
  },
  async counters(rolloutId) {
    const rows = await db.selectFrom("counters").selectAll().where("rollout_id", "=", rolloutId).execute();
    return rows.map(({ part, doc }) => ({ part, counters: doc }));
  },
  async traffic(rolloutId) {
    const rows = await db.selectFrom("traffic").selectAll().where("rollout_id", "=", rolloutId).execute();
    return rows.map(({ part, requests, failed, cut }) => ({ part, count: { requests, failed, cut } }));
  },
  async noteSamples(rolloutId, samples) {
    if (samples.length === 0) return;
    const rows = samples.map(({ part, observer, count }) => ({ rollout_id: rolloutId, part, observer, ...count }));
    await db.insertInto("traffic_samples").values(rows).execute();
  },
  async samples(rolloutId) {
    const rows = await db
      .selectFrom("traffic_samples")
      .selectAll()
      .where("rollout_id", "=", rolloutId)
      .orderBy("id")
      .execute();
    return rows.map(({ part, observer, at, requests, failed, cut }) => ({
      part,
      observer: observer as Observer,
      at: at.toISOString(),
      count: { requests, failed, cut },
    }));
  },
});
