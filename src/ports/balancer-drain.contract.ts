import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type BalancerBench, first, holdOne, pickState, sight, until, within } from "./balancer-bench.contract.ts";

/** What a drain must be at every balancer: nothing new, nothing in flight, nothing lost. */
export function drainContract(name: string, open: () => Promise<BalancerBench>): void {
  describe(`${name} drains`, () => {
    test("a drained server gets no new request; draining twice is as good", async () => {
      await using bench = await open();
      const { server } = first(bench);
      await bench.balancer.drain(bench.at, server, within(5_000));
      await bench.balancer.drain(bench.at, server, within(5_000));
      assert.equal((await sight(bench, server)).state, "draining");
      const before = bench.program(server).served();
      for (let n = 0; n < 10; n++) assert.equal(await bench.request(), 200);
      assert.equal(bench.program(server).served(), before);
    });

    test("a drain lasts as long as a request is in flight, and tells how many", async () => {
      await using bench = await open();
      const { server, program, requests } = await holdOne(bench);
      const told: number[] = [];
      const drained = bench.balancer.drain(bench.at, server, within(10_000), (count) => told.push(count));
      let isDrained = false;
      void drained.then(() => {
        isDrained = true;
      });
      await until(() => told.includes(1), "one in flight is told");
      assert.equal(isDrained, false);
      program.release();
      await drained;
      assert.deepEqual(new Set(await Promise.all(requests)), new Set([200]));
    });

    test("a drain whose deadline is over rejects with the signal's reason; the count in flight was told", async () => {
      await using bench = await open();
      const { server, program, requests } = await holdOne(bench);
      const told: number[] = [];
      const deadline = within(400);
      const drained = bench.balancer.drain(bench.at, server, deadline, (count) => told.push(count));
      await assert.rejects(drained, (error) => error === deadline.reason);
      assert.equal(told.at(-1), 1);
      program.release();
      await Promise.all(requests);
    });

    test("the full circle under traffic loses nothing", async () => {
      await using bench = await open();
      const stop = bench.traffic();
      for (const server of bench.servers) {
        await bench.balancer.drain(bench.at, server, within(10_000));
        await bench.program(server).stop();
        await bench.balancer.distrust(bench.at, server, within(5_000));
        await bench.program(server).start();
        await bench.balancer.admit(bench.at, server, within(10_000));
        assert.deepEqual(pickState(await sight(bench, server)), { state: "in-service", checkOk: true });
      }
      const { requests, failed, cut } = await stop();
      assert.deepEqual({ failed, cut }, { failed: 0, cut: 0 });
      assert.ok(requests > 20, `${requests} requests`);
    });

    test("a drain waits for the requests of kept connections, not for the connections", async () => {
      await using bench = await open();
      const { server, program } = first(bench);
      const clients = bench.servers.flatMap(() => [bench.keptClient(), bench.keptClient()]);
      const askAll = () => Promise.all(clients.map((client) => client.request()));
      assert.deepEqual(new Set(await askAll()), new Set([200]));
      const hold = program.hold();
      const last = askAll();
      await until(() => hold.held() > 0, "a request of a kept connection is held");
      const told: number[] = [];
      const drained = bench.balancer.drain(bench.at, server, within(10_000), (count) => told.push(count));
      await until(() => told.includes(hold.held()), "those held are told");
      hold.release();
      await drained;
      assert.deepEqual(new Set(await last), new Set([200]));
      const before = program.served();
      for (let n = 0; n < 3; n++) assert.deepEqual(new Set(await askAll()), new Set([200]));
      assert.equal(program.served(), before, "the same connections are served elsewhere");
      for (const client of clients) client.close();
    });

    test("a drain that is cancelled stays asked for; the next one takes it up, and so do two at once", async () => {
      await using bench = await open();
      const { server, program, requests } = await holdOne(bench);
      const cancel = new AbortController();
      const reason = new Error("cancelled");
      const drained = bench.balancer.drain(bench.at, server, cancel.signal, () => cancel.abort(reason));
      await assert.rejects(drained, (error) => error === reason);
      assert.equal((await sight(bench, server)).state, "draining");
      const again = [1, 2].map(() => bench.balancer.drain(bench.at, server, within(10_000)));
      program.release();
      await Promise.all(again);
      assert.equal((await sight(bench, server)).inFlight, 0);
      assert.deepEqual(new Set(await Promise.all(requests)), new Set([200]));
    });

    test("a balancer that starts anew has forgotten the drain: it is seen, and drained again", async () => {
      await using bench = await open();
      const { server, program } = first(bench);
      await bench.balancer.drain(bench.at, server, within(5_000));
      const before = await sight(bench, server);
      await bench.restart();
      const after = await sight(bench, server);
      assert.equal(after.state, "in-service");
      assert.ok(before.balancerStartedAt && after.balancerStartedAt, "each start is told");
      assert.ok(before.balancerStartedAt < after.balancerStartedAt, `${after.balancerStartedAt} is a later start`);
      await bench.balancer.drain(bench.at, server, within(5_000));
      const served = program.served();
      for (let n = 0; n < 6; n++) assert.equal(await bench.request(), 200);
      assert.equal(program.served(), served);
    });

    test("a balancer that starts anew in the middle of a drain is told again before the drain resolves", async () => {
      await using bench = await open();
      const { server, program, requests } = await holdOne(bench);
      const drained = bench.balancer.drain(bench.at, server, within(20_000));
      await new Promise((resolve) => setTimeout(resolve, 200));
      await bench.restart();
      program.release();
      await drained;
      assert.deepEqual((({ state, inFlight }) => ({ state, inFlight }))(await sight(bench, server)), {
        state: "draining",
        inFlight: 0,
      });
      await Promise.all(requests);
    });
  });
}
