import assert from "node:assert/strict";
import { test } from "node:test";
import type { PostgresPool, PostgresPoolClient } from "kysely";
import { PatientPool } from "./patient-pool.ts";

const limits = { patienceMs: 200, retryMs: 1 };
const away = (code: string) => Object.assign(new Error(`away: ${code}`), { code });

function poolThat(connect: (attempt: number) => Promise<PostgresPoolClient>) {
  let tried = 0;
  const pool: PostgresPool = { connect: () => connect(++tried), end: async () => {} };
  return { pool, tried: () => tried };
}

test("what an act did is recorded once PostgreSQL is back from its restart, and the wait is said once", async () => {
  const client = {} as PostgresPoolClient;
  const codes = ["57P01", "ECONNREFUSED", "57P03"];
  const { pool } = poolThat(async (attempt) => {
    const code = codes[attempt - 1];
    if (code) throw away(code);
    return client;
  });
  const said: string[] = [];
  assert.equal(await new PatientPool(pool, (line) => said.push(line), limits).connect(), client);
  assert.deepEqual(said, ["waiting for the database: away: 57P01"]);
});

test("a PostgreSQL that stays away is waited for with an end; a wrong password not at all", async () => {
  const gone = poolThat(async () => {
    throw away("ECONNREFUSED");
  });
  await assert.rejects(new PatientPool(gone.pool, () => {}, limits).connect(), /ECONNREFUSED/);
  const refused = poolThat(async () => {
    throw away("28P01");
  });
  await assert.rejects(new PatientPool(refused.pool, () => {}, limits).connect(), /28P01/);
  assert.equal(refused.tried(), 1);
});

test("a server that stops waits for no database", async () => {
  const { pool } = poolThat(async () => {
    throw away("ECONNREFUSED");
  });
  const patient = new PatientPool(pool, () => {}, { patienceMs: 60_000, retryMs: 5 });
  const connecting = patient.connect();
  await patient.end();
  await assert.rejects(connecting, /ECONNREFUSED/);
});
