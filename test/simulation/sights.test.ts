import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FleetSights } from "#app/fleet-sights.ts";
import type { Pause } from "#core/rollout.ts";
import type { Changes } from "#ports/records.ts";
import type { World } from "#workflows/world.ts";
import { seededStage } from "./seeded-stage.ts";

const place = { service: "hello", environment: "integration" } as const;

/** What is seen of a fleet that has release 1 live, and who tells of changes to it. */
async function sightsOf(change: (world: World) => World = (world) => world) {
  const stage = await seededStage();
  const followers = new Set<(topic: string) => void>();
  const changes: Changes = {
    follow(onChange) {
      followers.add(onChange);
      return () => void followers.delete(onChange);
    },
    tell: () => {},
  };
  const sights = new FleetSights(change(stage.world), changes);
  const look = () => stage.passing(sights.look());
  const of = (host: string) => sights.of(place.environment, place.service, host);
  const drifts = () => stage.hosts.map((host) => of(host)?.drift?.kind);
  const happen = (topic: string) => {
    for (const follower of followers) follower(topic);
  };
  return { ...stage, sights, look, of, drifts, happen };
}

const pause = (hosts: readonly string[]): Pause => ({
  number: 1,
  why: "failure",
  message: "web-2 failed",
  hosts,
  choices: ["retry"],
  since: "2026-01-01T00:00:00.000Z",
  until: "2026-01-01T06:00:00.000Z",
});

describe("what is shown of the fleet", () => {
  it("tells of drift while a rollout waits for its approval: nothing is touched yet", async () => {
    const { begin, look, drifts, stop } = await sightsOf();
    await begin();
    stop("web-2");
    await look();
    assert.deepEqual(drifts(), [undefined, "stopped", undefined]);
  });

  it("tells of drift while a rollout is paused, and not of what it has put there or holds", async () => {
    const { begin, look, drifts, run, stop, world, hold } = await sightsOf();
    const { id } = await begin();
    await hold(id, { kind: "environment-lock", subject: "integration/hello" });
    await look();
    assert.deepEqual(drifts(), [undefined, undefined, undefined]);
    stop("web-3");
    await look();
    assert.deepEqual(drifts(), [undefined, undefined, undefined], "while it runs it may be the one that did it");
    await world.rollouts.update(id, { state: "paused", pause: pause(["web-2"]) });
    run("web-1", 2);
    stop("web-2");
    await look();
    assert.deepEqual(drifts(), [undefined, undefined, "stopped"]);
  });

  it("does not call a host drifted that a rollout took out while it was looked at", async () => {
    const { look, drifts, begin, hold, stop } = await sightsOf((world) => ({
      ...world,
      balancer: {
        ...world.balancer,
        look: async (at, signal) => {
          await takesHolds();
          return world.balancer.look(at, signal);
        },
      },
    }));
    const { id } = await begin();
    const takesHolds = async () => {
      await hold(id, { kind: "environment-lock", subject: "integration/hello" });
      stop("web-1");
    };
    await look();
    assert.deepEqual(drifts(), [undefined, undefined, undefined]);
  });

  it("does not call the hosts of a rollout drifted that is just writing its receipt", async () => {
    const { begin, look, drifts, run, world, hold } = await sightsOf();
    const { id } = await begin();
    const { id: lock } = await hold(id, { kind: "environment-lock", subject: "integration/hello" });
    await world.holds.release(lock);
    run("web-1", 2);
    await look();
    assert.deepEqual(drifts(), [undefined, undefined, undefined]);
  });

  it("comes soon after every step of a rollout, however many follow each other", async () => {
    const looks: number[] = [];
    const { sights, clock, happen } = await sightsOf((world) => ({
      ...world,
      balancer: {
        ...world.balancer,
        look: async (at, signal) => {
          looks.push(world.clock.now());
          return world.balancer.look(at, signal);
        },
      },
    }));
    const from = clock.now();
    sights.start();
    for (let ms = 0; ms <= 10_000; ms += 100) clock.after(ms, () => happen("rollout/x"));
    clock.after(20_000, () => void sights.stop());
    await clock.run();
    const gaps = looks.slice(1).map((at, index) => at - (looks[index] ?? from));
    assert.ok(looks.length >= 10 + 2, `${looks.length} looks`);
    assert.ok(Math.max(...gaps) <= 5_500 && Math.min(...gaps) >= 250, gaps.join(" "));
    assert.ok(Math.max(...gaps.slice(0, 9)) <= 1_100, gaps.join(" "));
  });

  it("goes on when the records are away for a moment", async () => {
    let failures = 1;
    const { sights, clock, of } = await sightsOf((world) => ({
      ...world,
      releases: {
        ...world.releases,
        list: async (service, limit) => {
          if (failures-- > 0) throw new Error("the database is restarted");
          return world.releases.list(service, limit);
        },
      },
    }));
    sights.start();
    clock.after(20_000, () => void sights.stop());
    await clock.run();
    assert.equal(of("web-1")?.sight, "judged");
  });
});
