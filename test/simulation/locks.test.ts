import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Application } from "#app/application.ts";
import { lockPlace, unlockPlace } from "#app/lock-place.ts";
import { readLog } from "#app/show-rollout.ts";
import { personsLock } from "#workflows/persons-lock.ts";
import { Simulation } from "./simulation.ts";

const place = { service: "hello", environment: "integration" } as const;
const hour = 60 * 60_000;

function desk() {
  const simulation = new Simulation();
  const { world } = simulation.successor();
  const changes = { follow: () => () => {}, tell: () => {} };
  const pass = async (ms: number) => {
    simulation.clock.after(ms, () => {});
    await simulation.clock.run();
  };
  const who = async () => {
    const lock = await personsLock(world, place);
    return lock && [lock.by, lock.reason];
  };
  return { app: { world, changes }, world, pass, who };
}

describe("an environment that a person locks", () => {
  it("is free for others once the lock has ended, and theirs by name and reason", async () => {
    const { app, pass, who } = desk();
    await lockPlace(app, { ...place, by: "ben", reason: "migration", forMs: hour });
    await assert.rejects(lockPlace(app, { ...place, by: "amy", forMs: hour }), {
      code: "place.locked",
      message: /locked by ben \(migration\) until/,
    });
    await pass(hour + 1);
    assert.equal(await who(), undefined);
    await lockPlace(app, { ...place, by: "amy", reason: "audit", forMs: hour });
    assert.deepEqual(await who(), ["amy", "audit"]);
  });

  it("is not moved by somebody whose name begins like that of the one who locked it", async () => {
    const { app, who } = desk();
    await lockPlace(app, { ...place, by: "benjamin", forMs: hour });
    await assert.rejects(lockPlace(app, { ...place, by: "ben", forMs: hour }), { code: "place.locked" });
    await lockPlace(app, { ...place, by: "benjamin", reason: "still at it", forMs: 2 * hour });
    assert.deepEqual(await who(), ["benjamin", "still at it"]);
  });

  it("belongs to one of two who lock it in the same moment", async () => {
    const { app, who } = desk();
    const both = ["ben", "amy"].map((by) => lockPlace(app, { ...place, by, forMs: hour }));
    const outcomes = await Promise.allSettled(both);
    const winner = outcomes.findIndex(({ status }) => status === "fulfilled");
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    assert.deepEqual(await who(), [["ben", "amy"][winner], undefined]);
  });

  it("keeps who locked it and who unlocked it", async () => {
    const { app, world } = desk();
    await lockPlace(app, { ...place, by: "ben", reason: "migration", forMs: hour });
    await unlockPlace(app, { ...place, by: "amy" });
    await unlockPlace(app, { ...place, by: "amy" });
    const read = await readLog({ world } as Application, "locks/integration/hello", 0);
    assert.equal(read.ended, true);
    const log = read.chunks.map(({ text }) => text);
    assert.equal(log.length, 2, "what was not locked was not unlocked");
    assert.match(log[0] ?? "", /ben locked it until .*: migration\n$/);
    assert.match(log[1] ?? "", /amy unlocked it; it was locked by ben \(migration\) until/);
  });
});
