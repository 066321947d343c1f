import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SlipwayError } from "#core/errors.ts";
import { type BalancerBench, first, holdOne, pickState, sight, until, within } from "./balancer-bench.contract.ts";
import { drainContract } from "./balancer-drain.contract.ts";

export type { BalancerBench } from "./balancer-bench.contract.ts";

/** What every balancer must do. `open` makes a fresh bench for each test. */
export function balancerContract(name: string, open: () => Promise<BalancerBench>): void {
  drainContract(name, open);
  describe(`${name} is a balancer`, () => {
    test("sees every server in service", async () => {
      await using bench = await open();
      const seen = await bench.balancer.look(bench.at, within(5_000));
      assert.deepEqual(
        seen.map(({ server, state, inFlight, checkOk }) => ({ server, state, inFlight, checkOk })),
        bench.servers.map((server) => ({ server, state: "in-service", inFlight: 0, checkOk: true })),
      );
    });

    test("a distrusted server is not admitted on what was true before", async () => {
      await using bench = await open();
      const { server, program } = first(bench);
      await bench.balancer.drain(bench.at, server, within(5_000));
      await program.stop();
      await bench.balancer.distrust(bench.at, server, within(5_000));
      await bench.balancer.distrust(bench.at, server, within(5_000));
      const deadline = within(500);
      await assert.rejects(bench.balancer.admit(bench.at, server, deadline), (error) => error === deadline.reason);
      const before = program.served();
      assert.equal((await sight(bench, server)).checkOk, false);
      for (let n = 0; n < 6; n++) assert.equal(await bench.request(), 200);
      assert.equal(program.served(), before);
    });

    test("an unhealthy server is not admitted, its reason is told; healthy, it is", async () => {
      await using bench = await open();
      const { server, program } = first(bench);
      await bench.balancer.drain(bench.at, server, within(5_000));
      program.setHealthy(false);
      await bench.balancer.distrust(bench.at, server, within(5_000));
      const told: string[] = [];
      const admitted = bench.balancer.admit(bench.at, server, within(10_000), (reason) => told.push(reason));
      await until(() => told.some((reason) => reason.includes("503")), "the balancer's reason is told");
      assert.notEqual((await sight(bench, server)).state, "in-service");
      program.setHealthy(true);
      await admitted;
      await bench.balancer.admit(bench.at, server, within(5_000));
      assert.deepEqual(pickState(await sight(bench, server)), { state: "in-service", checkOk: true });
    });

    test("a server that somebody switched off is seen so, drains at once, and is admitted only after a check", async () => {
      await using bench = await open();
      const { server, program } = first(bench);
      await bench.switchOff(server);
      assert.equal((await sight(bench, server)).state, "maintenance");
      await bench.balancer.drain(bench.at, server, within(5_000));
      assert.equal((await sight(bench, server)).state, "maintenance");
      program.setHealthy(false);
      const before = program.served();
      const deadline = within(600);
      await assert.rejects(bench.balancer.admit(bench.at, server, deadline), (error) => error === deadline.reason);
      for (let n = 0; n < 6; n++) assert.equal(await bench.request(), 200);
      assert.equal(program.served(), before);
      program.setHealthy(true);
      await bench.balancer.admit(bench.at, server, within(10_000));
      assert.equal((await sight(bench, server)).state, "in-service");
    });

    test("an undrained server on which nothing runs gets no request; once it runs, it comes back by itself", async () => {
      await using bench = await open();
      const { server, program } = first(bench);
      await bench.balancer.drain(bench.at, server, within(5_000));
      await program.stop();
      await bench.balancer.undrain(bench.at, server, within(5_000));
      await bench.balancer.undrain(bench.at, server, within(5_000));
      for (let n = 0; n < 6; n++) assert.equal(await bench.request(), 200);
      assert.equal((await sight(bench, server)).checkOk, false);
      await program.start();
      await bench.balancer.admit(bench.at, server, within(10_000));
      assert.equal((await sight(bench, server)).state, "in-service");
    });

    test("unknown names are refused with the nearest ones", async () => {
      await using bench = await open();
      const { balancer, at, servers } = bench;
      const wrong = { ...at, balancer: { ...at.balancer, backend: `${at.balancer.backend}x` } };
      const misspelt = `${servers[0]}x`;
      const refusals: [() => Promise<unknown>, string | undefined][] = [
        [() => balancer.look(wrong, within(5_000)), at.balancer.backend],
        [() => balancer.timers(wrong, within(5_000)), at.balancer.backend],
        [() => balancer.counters(wrong, within(5_000)), at.balancer.backend],
        [() => balancer.drain(at, misspelt, within(5_000)), servers[0]],
        [() => balancer.distrust(at, misspelt, within(5_000)), servers[0]],
        [() => balancer.admit(at, misspelt, within(5_000)), servers[0]],
        [() => balancer.undrain(at, misspelt, within(5_000)), servers[0]],
        [() => balancer.drain(at, "web;1\n", within(5_000)), "web;1"],
      ];
      for (const [call, nearest] of refusals) {
        await assert.rejects(call, (error) => {
          assert.ok(error instanceof SlipwayError && error.code === "balancer.unknown-server", String(error));
          assert.ok(error.message.includes(nearest ?? ""), error.message);
          return true;
        });
      }
    });

    test("its counters count what passed through it", async () => {
      await using bench = await open();
      const before = await bench.balancer.counters(bench.at, within(5_000));
      for (let n = 0; n < 5; n++) assert.equal(await bench.request(), 200);
      const after = await bench.balancer.counters(bench.at, within(5_000));
      assert.deepEqual(after, { ...before, requests: before.requests + 5 });
      assert.ok(Date.parse(after.startedAt) <= Date.now());
    });

    test("an aborted signal rejects every verb with its reason", async () => {
      await using bench = await open();
      const { balancer, at } = bench;
      const { server } = first(bench);
      const reason = new Error("cancelled");
      const signal = AbortSignal.abort(reason);
      const all = [
        balancer.look(at, signal),
        balancer.drain(at, server, signal),
        balancer.distrust(at, server, signal),
        balancer.admit(at, server, signal),
        balancer.undrain(at, server, signal),
        balancer.counters(at, signal),
        balancer.timers(at, signal),
      ];
      for (const outcome of await Promise.allSettled(all)) {
        assert.ok(outcome.status === "rejected" && outcome.reason === reason);
      }
    });

    test("undrain ends maintenance, and health decides", async () => {
      await using bench = await open();
      const { server } = first(bench);
      await bench.switchOff(server);
      await bench.balancer.undrain(bench.at, server, within(5_000));
      await bench.balancer.admit(bench.at, server, within(10_000));
      assert.deepEqual(pickState(await sight(bench, server)), { state: "in-service", checkOk: true });
    });

    test("its timers tell what it has seen", async () => {
      await using bench = await open();
      const { program, requests } = await holdOne(bench);
      await new Promise((resolve) => setTimeout(resolve, 300));
      program.release();
      await Promise.all(requests);
      const { longestRequestMs, since, ...others } = await bench.balancer.timers(bench.at, within(5_000));
      assert.ok(longestRequestMs === undefined || (longestRequestMs >= 290 && longestRequestMs < 5_000));
      assert.ok(since === undefined || Date.parse(since) <= Date.now());
      for (const [key, told] of Object.entries(others)) assert.ok(Number.isFinite(told), `${key}: ${told}`);
    });
  });
}
