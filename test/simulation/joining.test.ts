import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FleetSights } from "#app/fleet-sights.ts";
import { JoinWatch } from "#app/join-hosts.ts";
import { lockPlace } from "#app/lock-place.ts";
import { SlipwayError } from "#core/errors.ts";
import type { FleetEnvironment } from "#core/fleet.ts";
import type { Plan } from "#core/plan.ts";
import type { Engine } from "#engine/run.ts";
import type { Changes } from "#ports/records.ts";
import { fleetSpecOf } from "#simulator/simulated-world.ts";
import type { World } from "#workflows/world.ts";
import { seededStage } from "./seeded-stage.ts";

const place = { service: "hello", environment: "integration" } as const;
const lookEveryMs = 5_000;
const changes: Changes = { follow: () => () => {}, tell: () => {} };
/** What is asked for is only recorded. */
const engine: Engine = {
  start: async () => {},
  result: () => new Promise(() => {}),
  signal: async () => {},
  stop: async () => {},
};

async function joiningStage(change: (world: World) => World = (world) => world, desk: Engine = engine) {
  const stage = await seededStage();
  const { clock, fleet, hosts } = stage;
  const world = change(stage.world);
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  let sights = new FleetSights(world, changes);
  const serve = () => {
    const joining = new JoinWatch(world, desk, say);
    sights = new FleetSights(world, changes, { onLooked: () => joining.consider(sights), say });
  };
  serve();
  const looks = async (count: number) => {
    for (let look = 0; look < count; look++) {
      clock.after(lookEveryMs, () => {});
      await clock.run();
      await stage.passing(sights.look());
    }
  };
  const joins = async () => (await world.rollouts.list({ ...place }, 100)).filter(({ reason }) => reason === "join");
  const away = (name: string, isAway: boolean) => {
    fleet.host(name).isWayOpen = !isAway;
  };
  /** Release 2 went to all hosts but web-3, which was away. */
  const releaseTwo = async () => {
    const batches = [{ hosts: hosts.map((name) => ({ name, pull: true })), inServiceMeanwhile: 2 }];
    const plan = { batches, upToDate: [] } as unknown as Plan;
    for (const host of ["web-1", "web-2"]) stage.run(host, 2);
    return stage.begin({ release: 2, state: "succeeded", plan });
  };
  const drift = () => sights.of(place.environment, place.service, "web-3")?.drift?.message ?? "";
  const missRelease = async () => {
    away("web-3", true);
    await looks(3);
    await releaseTwo();
    away("web-3", false);
  };
  return { ...stage, world, serve, looks, joins, away, releaseTwo, drift, missRelease, said };
}

describe("a host that comes back", () => {
  it("gets the release that it missed, by one rollout of its own", async () => {
    const { looks, joins, missRelease } = await joiningStage();
    await looks(1);
    await missRelease();
    await looks(4);
    assert.deepEqual(
      (await joins()).map(({ release, onlyHosts }) => [release, onlyHosts]),
      [[2, ["web-3"]]],
    );
  });

  it("was not away because a look or two failed", async () => {
    const { looks, joins, away, stop } = await joiningStage();
    await looks(1);
    away("web-3", true);
    await looks(2);
    away("web-3", false);
    stop("web-3");
    await looks(4);
    assert.deepEqual(await joins(), []);
  });

  it("is left as it was before the outage: what nobody put right then is no news", async () => {
    const { looks, joins, away, stop, drift } = await joiningStage();
    stop("web-3");
    await looks(2);
    away("web-3", true);
    await looks(4);
    away("web-3", false);
    await looks(4);
    assert.deepEqual([await joins(), drift()], [[], "release 1 does not run here"]);
  });

  it("joins though the server was restarted while it was away", async () => {
    const { looks, joins, away, releaseTwo, serve } = await joiningStage();
    await looks(1);
    away("web-3", true);
    await looks(3);
    await releaseTwo();
    serve();
    await looks(1);
    away("web-3", false);
    serve();
    await looks(3);
    assert.equal((await joins()).length, 1);
  });

  it("is not taken back to an older release, and says so", async () => {
    const { looks, joins, begin, run, releaseTwo, away, drift } = await joiningStage();
    await releaseTwo();
    run("web-3", 2);
    await looks(1);
    away("web-3", true);
    await looks(3);
    const plan = { batches: [], upToDate: ["web-3"] } as unknown as Plan;
    await begin({ reason: "rollback", release: 1, state: "succeeded", plan });
    for (const host of ["web-1", "web-2"]) run(host, 1);
    away("web-3", false);
    await looks(3);
    assert.deepEqual(await joins(), []);
    assert.match(drift(), /^runs release 2; 1 is live; it is not taken back to an older release by itself$/);
  });

  it("is left alone after a rollout that was left in the middle", async () => {
    const { looks, joins, begin, missRelease, drift } = await joiningStage();
    await looks(1);
    await missRelease();
    await begin({ release: 2, state: "aborted" });
    await looks(3);
    assert.deepEqual(await joins(), []);
    assert.match(drift(), /left in the middle/);
  });

  it("is left alone after a rollout that got stuck with hosts on both releases", async () => {
    const { looks, joins, stop, begin, run, away, drift } = await joiningStage();
    await looks(1);
    away("web-3", true);
    await looks(3);
    await begin({ release: 2, state: "stuck" });
    run("web-1", 2);
    stop("web-3");
    away("web-3", false);
    await looks(3);
    assert.deepEqual(await joins(), []);
    assert.match(drift(), /left in the middle/);
  });

  it("with nothing on it completes a put back that was good on all others", async () => {
    const { looks, joins, stop, begin, away } = await joiningStage();
    await looks(1);
    away("web-3", true);
    await looks(3);
    await begin({ release: 2, state: "stuck" });
    stop("web-3");
    away("web-3", false);
    await looks(3);
    assert.deepEqual(
      (await joins()).map(({ release }) => release),
      [1],
    );
  });

  it("waits for a rollout that is open to end, and keeps its cause", async () => {
    const { looks, joins, begin, missRelease, world } = await joiningStage();
    await looks(1);
    await missRelease();
    const { id } = await begin({ release: 2, state: "paused" });
    await looks(3);
    assert.deepEqual(await joins(), []);
    await world.rollouts.update(id, { state: "failed" });
    await looks(1);
    assert.equal((await joins()).length, 1);
  });

  it("waits for a lock to end, and says whose it is", async () => {
    const { looks, joins, missRelease, world, drift } = await joiningStage();
    await looks(1);
    await lockPlace({ world, changes }, { ...place, by: "ben", reason: "migration", forMs: 60_000 });
    await missRelease();
    await looks(3);
    assert.deepEqual(await joins(), []);
    assert.match(drift(), /it waits for the lock of ben \(migration\) until/);
    await looks(10);
    assert.equal((await joins()).length, 1);
  });

  it("is a new one when it had left fleet.yaml meanwhile", async () => {
    const { simulation, world, looks, away, hosts } = await joiningStage();
    await looks(1);
    away("web-3", true);
    await looks(3);
    assert.equal((await world.hostMarks.all()).size, 1);
    simulation.spec = fleetSpecOf({ hosts: hosts.slice(0, 2), balancers: ["front-1 hello"] });
    await looks(1);
    assert.equal((await world.hostMarks.all()).size, 0);
  });

  it("says why it was refused, and is asked for again later, each time later", async () => {
    const { looks, joins, missRelease, world, drift, clock } = await joiningStage();
    const minutes = (count: number) => looks((count * 60_000) / lookEveryMs);
    const refuse = async () => {
      const [{ id } = { id: "" }] = await joins();
      const error = new SlipwayError("plan.refused", "The disk of web-3 is full.").toRecord();
      await world.rollouts.update(id, { state: "refused", error, endedAt: new Date(clock.now()).toISOString() });
    };
    await looks(1);
    await missRelease();
    await looks(1);
    await refuse();
    await minutes(4);
    assert.match(drift(), /rollout \d+ of it alone ended refused: The disk of web-3 is full\./);
    assert.equal((await joins()).length, 1);
    await minutes(2);
    assert.equal((await joins()).length, 2, "after five minutes");
    await refuse();
    await minutes(8);
    assert.equal((await joins()).length, 2);
    await minutes(3);
    assert.equal((await joins()).length, 3, "after ten more");
  });

  it("that failed to join waits for a person, also over a restart of the server", async () => {
    const { looks, joins, missRelease, world, drift, serve } = await joiningStage();
    await looks(1);
    await missRelease();
    await looks(1);
    const [{ id } = { id: "" }] = await joins();
    await world.rollouts.update(id, { state: "failed" });
    await looks(100);
    serve();
    await looks(2);
    assert.equal((await joins()).length, 1);
    assert.match(drift(), /rollout \d+ of it alone ended failed/);
  });
});

describe("a host that drifted where fleet.yaml says `drift: correct`", () => {
  const correcting = async () => {
    const stage = await joiningStage();
    const { spec } = stage.simulation;
    const integration = { ...spec.environments.integration, drift: "correct" } as FleetEnvironment;
    stage.simulation.spec = { ...spec, environments: { integration } };
    return stage;
  };

  it("is put right after half a minute, once, also over a restart of the server", async () => {
    const { looks, joins, stop, world, serve } = await correcting();
    await looks(1);
    stop("web-3");
    await looks(5);
    assert.deepEqual(await joins(), [], "people work too");
    await looks(4);
    const [{ id } = { id: "" }] = await joins();
    await world.rollouts.update(id, { state: "failed" });
    serve();
    await looks(20);
    assert.equal((await joins()).length, 1);
  });
});

describe("hosts that are new", () => {
  it("join each by a rollout of its own, and the list of rollouts is read once for all of them", async () => {
    let lists = 0;
    const stage = await joiningStage((world) => ({
      ...world,
      rollouts: {
        ...world.rollouts,
        list: async (filter, limit) => {
          if (limit > 100) lists++;
          return world.rollouts.list(filter, limit);
        },
      },
    }));
    const { looks, joins, begin, stop, hosts } = stage;
    for (const host of hosts) stop(host);
    await begin({ release: 2, state: "succeeded", plan: { batches: [], upToDate: [] } as unknown as Plan });
    await looks(1);
    assert.deepEqual((await joins()).flatMap(({ onlyHosts = [] }) => onlyHosts).toSorted(), hosts);
    assert.equal(lists, 1);
  });
});

describe("a join that was recorded", () => {
  it("is started after all when the engine was away in that moment", async () => {
    const started: string[] = [];
    let failures = 1;
    const desk: Engine = {
      ...engine,
      async start(_workflow, id) {
        if (failures-- > 0) throw new Error("the database is restarted");
        started.push(id);
      },
    };
    const { looks, joins, missRelease, said } = await joiningStage((world) => world, desk);
    await looks(1);
    await missRelease();
    await looks(2);
    assert.deepEqual(
      started,
      (await joins()).map(({ id }) => id),
    );
    assert.match(said.join("\n"), /could not see to hosts that join integration\/hello: the database is restarted/);
  });
});
