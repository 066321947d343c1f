import { sql } from "kysely";
import type { Logs } from "#ports/records.ts";
import { tell } from "./changes.ts";
import type { Database } from "./database.ts";

/** A build that prints more than this loses the rest: its log is for people. */
const logLimitBytes = 10 * 1024 * 1024;
const cutLine = `\n[the log has reached its limit of ${logLimitBytes / 1024 / 1024} MiB; the rest is not kept]\n`;

export const logs = (db: Database): Logs => ({
  async append(logId, text) {
    // PostgreSQL's text cannot hold a NUL, and a program may print one.
    const clean = text.replaceAll("\0", "\u{fffd}");
    const bytes = Buffer.byteLength(clean);
    const row = await db
      .insertInto("logs")
      .values({ id: logId, bytes })
      .onConflict((conflict) => conflict.column("id").doUpdateSet({ bytes: sql`logs.bytes + ${bytes}` }))
      .returning("bytes")
      .executeTakeFirstOrThrow();
    const before = row.bytes - bytes;
    if (before > logLimitBytes) return;
    const kept = row.bytes > logLimitBytes ? clean.slice(0, logLimitBytes - before) + cutLine : clean;
    await db.insertInto("log_chunks").values({ log_id: logId, text: kept }).execute();
    await tell(db, `log/${logId}`);
  },
  async read(logId, afterSeq, limit) {
    const rows = await db
      .selectFrom("log_chunks")
      .select(["seq", "at", "text"])
      .where("log_id", "=", logId)
      .where("seq", ">", afterSeq)
      .orderBy("seq")
      .limit(limit)
      .execute();
    return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
  },
  async clear(logId) {
    await db.deleteFrom("log_chunks").where("log_id", "=", logId).execute();
    await db.deleteFrom("logs").where("id", "=", logId).execute();
  },
});
