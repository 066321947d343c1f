import type { ReceiptRecords } from "#ports/records.ts";
import type { Database } from "./database.ts";

export const receiptRecords = (db: Database): ReceiptRecords => ({
  async keep(rolloutId, envelope) {
    const doc = JSON.stringify(envelope);
    await db
      .insertInto("receipts")
      .values({ rollout_id: rolloutId, doc })
      .onConflict((conflict) => conflict.column("rollout_id").doUpdateSet({ doc }))
      .execute();
  },
  async get(rolloutId) {
    const row = await db.selectFrom("receipts").select("doc").where("rollout_id", "=", rolloutId).executeTakeFirst();
    return row?.doc;
  },
});
