import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it, test } from "node:test";
import { sql } from "kysely";
import { buildRecords } from "#adapters/postgres/builds.ts";
import { PostgresChanges } from "#adapters/postgres/changes.ts";
import { PostgresDatabase } from "#adapters/postgres/database.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "#adapters/postgres/embedded.ts";
import { headRecords } from "#adapters/postgres/heads.ts";
import { holds } from "#adapters/postgres/holds.ts";
import { hostMarks } from "#adapters/postgres/host-marks.ts";
import { logs } from "#adapters/postgres/logs.ts";
import { receiptRecords } from "#adapters/postgres/receipts.ts";
import { releaseRecords } from "#adapters/postgres/releases.ts";
import { rolloutRecords } from "#adapters/postgres/rollouts.ts";
import { timeline } from "#adapters/postgres/timeline.ts";
import { turns, lockKey as turnsLock } from "#adapters/postgres/turns.ts";
import { SlipwayError } from "#core/errors.ts";
import { DbosEngine } from "#engine/dbos-engine.ts";
import { engineContract } from "#engine/engine.contract.ts";
import type { Workflow } from "#engine/run.ts";
import { type Records, recordsContract } from "#ports/records.contract.ts";
import { waitUntil } from "../../../scripts/setup/wait-until.ts";

let directory: string;
let postgres: EmbeddedPostgres;

before(async () => {
  // Not below root's home: the database's own user must be able to pass.
  directory = await mkdtemp("/var/tmp/slipway-postgres-");
  await chmod(directory, 0o711);
  postgres = await startEmbeddedPostgres(join(directory, "postgres"), console.warn);
});

after(async () => {
  await postgres.stop();
  await rm(directory, { recursive: true, force: true });
});

describe("the records in PostgreSQL", () => {
  let database: PostgresDatabase;
  before(async () => {
    database = await PostgresDatabase.open(postgres.url, console.warn);
  });
  after(() => database[Symbol.asyncDispose]());

  recordsContract((): Records => {
    const { db } = database;
    return {
      heads: headRecords(db),
      builds: buildRecords(db),
      releases: releaseRecords(db),
      rollouts: rolloutRecords(db),
      timeline: timeline(db),
      logs: logs(db),
      holds: holds(db),
      hostMarks: hostMarks(db),
      receipts: receiptRecords(db),
    };
  });

  it("tells followers of a change that another connection made", async () => {
    await using changes = new PostgresChanges(postgres.url, console.warn);
    await changes.open();
    const told = new Promise<string>((resolve) => changes.follow(resolve));
    const log = crypto.randomUUID();
    await logs(database.db).append(log, "hello\n");
    assert.equal(await told, `log/${log}`);
  });

  it("lives on when its connection is ended between two statements of a transaction", async () => {
    const { db } = database;
    const losing = db.transaction().execute(async (tx) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
      await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(db);
      await waitUntil(
        async () => {
          const left = await sql`select 1 from pg_stat_activity where pid = ${rows[0]?.pid}`.execute(db);
          return left.rows.length === 0;
        },
        5_000,
        () => "the connection is ended",
      );
      await new Promise((resolve) => setImmediate(resolve));
      await sql`select 1`.execute(tx);
    });
    await assert.rejects(losing);
    assert.equal((await sql`select 1`.execute(db)).rows.length, 1);
  });

  it("keeps the beginning of a log that is too long, and says so", async () => {
    const id = crypto.randomUUID();
    const log = logs(database.db);
    for (let mebibyte = 0; mebibyte < 12; mebibyte++) await log.append(id, "x".repeat(1024 * 1024));
    const text = (await log.read(id, 0, 100)).map((chunk) => chunk.text).join("");
    assert.ok(text.length < 10.1 * 1024 * 1024);
    assert.match(text, /the log has reached its limit of 10 MiB/);
  });

  it("gives every turn a number of its own, beyond all that hosts have seen before this database", async () => {
    const before = Date.now();
    const given = await Promise.all(Array.from({ length: 40 }, () => turns(database.db).next()));
    assert.equal(new Set(given).size, 40);
    assert.ok(Math.min(...given) >= before - 1, "a database made anew does not begin at 1");
    await sql`select setval('turns', 1)`.execute(database.db);
    const restored = await turns(database.db).next();
    assert.ok(restored > before && restored < Date.now() + 1_000, "nor does one that was restored from a backup");
    await sql`select setval('turns', ${Date.now() + 60_000}::bigint)`.execute(database.db);
    const [one, two] = [await turns(database.db).next(), await turns(database.db).next()];
    assert.equal(two, one + 1, "a clock that was set back changes nothing");
  });

  it("refuses a second server on the same database", async () => {
    await assert.rejects(
      PostgresDatabase.open(postgres.url, console.warn),
      (error) => error instanceof SlipwayError && error.code === "server.second",
    );
  });
});

describe("the engine on PostgreSQL", () => {
  engineContract({ launch: (workflows) => DbosEngine.launch({ databaseUrl: postgres.url, workflows, log: () => {} }) });
});

test("a rollout whose server was killed more often than DBOS would forgive goes on all the same", async () => {
  let isSecondLife = false;
  const begun = Promise.withResolvers<void>();
  const often: Workflow<null, string> = {
    name: "often-killed",
    run: (run) =>
      run.step("wait", 60_000, async (signal) => {
        begun.resolve();
        if (isSecondLife) return "done";
        return new Promise<string>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      }),
  };
  const launch = () => DbosEngine.launch({ databaseUrl: postgres.url, workflows: [often], log: () => {} });
  const id = crypto.randomUUID();
  const first = await launch();
  await first.start(often, id, null);
  await begun.promise;
  await first.stop();
  const database = await PostgresDatabase.open(postgres.url, console.warn);
  await sql`update dbos.workflow_status set recovery_attempts = 5000 where workflow_uuid = ${id}`.execute(database.db);
  await database[Symbol.asyncDispose]();
  isSecondLife = true;
  const second = await launch();
  assert.equal(await second.result(id), "done");
  await second.stop();
});

describe("the embedded PostgreSQL", () => {
  let own: string;
  before(async () => {
    own = await mkdtemp("/var/tmp/slipway-postgres-");
    await chmod(own, 0o711);
  });
  after(() => rm(own, { recursive: true, force: true }));

  const place = () => join(own, "postgres");
  const postmaster = async () => Number((await readFile(join(place(), "data/postmaster.pid"), "utf8")).split("\n")[0]);
  /** A server that starts it and is killed. */
  const startAndDie = async () => {
    const server = spawn(process.execPath, [join(import.meta.dirname, "embedded-program.ts"), place()]);
    const [url] = (await once(server.stdout.setEncoding("utf8"), "data")) as [string];
    server.kill("SIGKILL");
    await once(server, "exit");
    return url;
  };

  it("is found again by the next start, after its server was killed", async () => {
    const url = await startAndDie();
    const again = await startEmbeddedPostgres(place(), () => {});
    assert.deepEqual([again.wasRunning, again.url], [true, url]);
    await again.stop();
  });

  it("starts again after a power failure took it, with a stale pid file", async () => {
    await startAndDie();
    await killedAndGone(await postmaster());
    const again = await startEmbeddedPostgres(place(), () => {});
    assert.equal(again.wasRunning, false);
    await again.stop();
  });

  it("is back at the same address after it was killed, and so is the server's lock on it", async () => {
    const kept = await startEmbeddedPostgres(place(), () => {});
    const database = await PostgresDatabase.open(kept.url, () => {});
    await killedAndGone(await postmaster());
    const holdsAgain = async () => {
      const second = await PostgresDatabase.open(kept.url, () => {}).catch((error: unknown) => error);
      if (second instanceof SlipwayError) return second.code === "server.second";
      if (second instanceof PostgresDatabase) await second[Symbol.asyncDispose]();
      return false;
    };
    await waitUntil(holdsAgain, 30_000, () => "a second server is let in after PostgreSQL was killed");
    await database[Symbol.asyncDispose]();
    await kept.stop();
  });

  it("records what an act did, and lets orders pass again, once it is back from a kill", async () => {
    const kept = await startEmbeddedPostgres(place(), () => {});
    const database = await PostgresDatabase.open(kept.url, () => {});
    await database.held(AbortSignal.timeout(5_000));
    await killedAndGone(await postmaster());
    const log = crypto.randomUUID();
    await logs(database.db).append(log, "web-1 was admitted");
    await database.held(AbortSignal.timeout(30_000));
    assert.equal((await logs(database.db).read(log, 0, 1))[0]?.text, "web-1 was admitted");
    await database[Symbol.asyncDispose]();
    await kept.stop();
  });

  it("is asked again for what it was to answer when it was killed", async () => {
    const kept = await startEmbeddedPostgres(place(), () => {});
    const database = await PostgresDatabase.open(kept.url, () => {});
    const { db } = database;
    const before = await database.records(turns).next();
    // Whoever asks for a turn waits for this transaction, and is in the middle of its question when the kill comes.
    const inTheWay = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const holding = db.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(${turnsLock}::bigint)`.execute(tx);
      locked.resolve();
      await inTheWay.promise;
    });
    await locked.promise;
    const turn = database.records(turns).next();
    const isAsked = async () => {
      const waiting = await sql`select 1 from pg_locks where locktype = 'advisory' and not granted`.execute(db);
      return waiting.rows.length === 1;
    };
    await waitUntil(isAsked, 5_000, () => "nobody waits for a turn");
    await killedAndGone(await postmaster());
    assert.ok((await turn) > before);
    inTheWay.resolve();
    await assert.rejects(holding);
    await database[Symbol.asyncDispose]();
    await kept.stop();
  });

  it("is left alone by a second server that was refused", async () => {
    const kept = await startEmbeddedPostgres(place(), () => {});
    const database = await PostgresDatabase.open(kept.url, () => {});
    const pid = await postmaster();
    const second = await startEmbeddedPostgres(place(), () => {});
    await second.stop();
    assert.ok(isAlive(pid));
    await database[Symbol.asyncDispose]();
    await kept.stop();
    assert.ok(!isAlive(pid));
  });
});

async function killedAndGone(pid: number): Promise<void> {
  process.kill(pid, "SIGKILL");
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // ESRCH: it has gone, which is what is asked
  }
}
