import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { systemClock } from "#adapters/clock/system-clock.ts";
import { SlipwayError } from "#core/errors.ts";
import { drainedWorld } from "#test/fakes/drained-world.ts";
import { drainHost } from "#workflows/balancing.ts";
import { rolloutSpecOf } from "#workflows/course.ts";
import { keepDrained } from "#workflows/keep-drained.ts";
import { HaproxyBench } from "./bench.ts";

const within = (ms: number) => AbortSignal.timeout(ms);
const sight = async ({ balancer, at }: HaproxyBench, server: string) =>
  (await balancer.look(at, within(5_000))).find((each) => each.server === server) ?? assert.fail(server);

/** A rollout's host web-1, drained at the bench as the act before would have. */
async function drained(bench: HaproxyBench) {
  const { world, course, host, doing, told } = drainedWorld(systemClock(), bench.balancer, [bench.at]);
  await drainHost(world, course, host, { ...doing(within(10_000)), spec: rolloutSpecOf(course) });
  const keep = (work: () => Promise<void>) => keepDrained(world, { course, host }, doing(within(30_000)), work);
  return { keep, told, program: bench.program("web-1") };
}

test("HAProxy restarts while the container is replaced: noticed, told, drained again; then it is admitted", async () => {
  await using bench = await HaproxyBench.open();
  const { keep, told, program } = await drained(bench);
  await keep(async () => {
    await program.stop();
    await bench.stopBalancer();
    await wait(1_200);
    // It has web-1 in service again as soon as it is back: nothing runs there.
    await program.start();
    await bench.startBalancer();
    await program.stop();
    await wait(1_000);
    assert.equal((await sight(bench, "web-1")).state, "draining");
    for (let n = 0; n < 6; n++) assert.equal(await bench.request(), 200);
    await program.start();
  });
  assert.match(told.join("\n"), /haproxy hello forgot the drain \(restarted at 20.*Z\): it is drained again/);
  assert.match(told.join("\n"), /haproxy hello cannot be looked at: .*(ECONNREFUSED|ENOENT)/);
  await bench.balancer.admit(bench.at, "web-1", within(10_000));
  assert.equal((await sight(bench, "web-1")).state, "in-service");
});

test("HAProxy is reloaded between the drain and the stop: drained again before the container is touched", async () => {
  await using bench = await HaproxyBench.open();
  const stop = bench.traffic();
  const { keep, told, program } = await drained(bench);
  await bench.reload();
  assert.equal((await sight(bench, "web-1")).state, "in-service", "the drain is forgotten");
  await keep(async () => {
    const { state, inFlight } = await sight(bench, "web-1");
    assert.deepEqual({ state, inFlight }, { state: "draining", inFlight: 0 });
    // The process before has its last requests still: the program's own grace is for them.
    await wait(100);
    await program.stop();
    await bench.balancer.distrust(bench.at, "web-1", within(5_000));
    await program.start();
  });
  await bench.balancer.admit(bench.at, "web-1", within(10_000));
  const { failed, cut, requests } = await stop();
  assert.deepEqual({ failed, cut }, { failed: 0, cut: 0 });
  assert.ok(requests > 100);
  assert.match(told.join("\n"), /haproxy hello had it as in-service \(running since 20.*\): it is drained again/);
});

test("with a file of its state a reload forgets nothing, also while nothing runs there", async () => {
  await using bench = await HaproxyBench.open({
    global: (directory) => [`server-state-file ${join(directory, "state")}`],
    defaults: ["load-server-state-from-file global"],
  });
  const stop = bench.traffic();
  const { keep, told, program } = await drained(bench);
  await keep(async () => {
    await program.stop();
    await bench.balancer.distrust(bench.at, "web-1", within(5_000));
    await writeFile(join(bench.directory, "state"), await bench.runtime("show servers state"));
    await bench.reload();
    assert.equal((await sight(bench, "web-1")).state, "draining");
    await wait(700);
    await program.start();
  });
  await bench.balancer.admit(bench.at, "web-1", within(10_000));
  const { failed, cut } = await stop();
  assert.deepEqual({ failed, cut }, { failed: 0, cut: 0 });
  assert.doesNotMatch(told.join("\n"), /forgot/);
});

test("a drain that meets a balancer which is down waits for it, and says so", async () => {
  await using bench = await HaproxyBench.open();
  await bench.stopBalancer();
  const told: (string | undefined)[] = [];
  const verbs = Promise.all([
    bench.balancer.drain(bench.at, "web-1", within(20_000), (_, trouble) => told.push(trouble)),
    bench.balancer.distrust(bench.at, "web-1", within(20_000)),
    bench.balancer.admit(bench.at, "web-2", within(20_000)),
    bench.balancer.undrain(bench.at, "web-3", within(20_000)),
    bench.balancer.look(bench.at, within(20_000), { outageMs: 10_000 }),
  ]);
  await assert.rejects(
    bench.balancer.look(bench.at, within(5_000)),
    (error) => error instanceof SlipwayError && error.code === "balancer.unreachable",
  );
  await assert.rejects(bench.balancer.counters(bench.at, within(5_000)));
  await assert.rejects(bench.balancer.timers(bench.at, within(5_000)));
  await wait(1_500);
  await bench.startBalancer();
  await verbs;
  assert.equal((await sight(bench, "web-1")).state, "draining");
  assert.match(told.find((words) => words !== undefined) ?? "", /Could not ask haproxy hello .*ECONNREFUSED/);
});

test("drains that are asked for all through a reload hold in the process that follows", async () => {
  await using bench = await HaproxyBench.open();
  const hold = bench.program("web-2").hold();
  const asked: Promise<number>[] = [];
  while (hold.held() === 0) {
    asked.push(bench.request());
    await wait(20);
  }
  await Promise.all([
    bench.reload(),
    ...Array.from({ length: 40 }, (_, at) => wait(at * 40).then(() => drainAgain(bench))),
  ]);
  await drainAgain(bench);
  assert.equal((await sight(bench, "web-1")).state, "draining");
  hold.release();
  assert.deepEqual(new Set(await Promise.all(asked)), new Set([200]), "the process before finished what it had");
});

const drainAgain = ({ balancer, at }: HaproxyBench) => balancer.drain(at, "web-1", within(10_000));
