import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SlipwayError } from "#core/errors.ts";
import type { Balancer, BalancerAt } from "./balancer.ts";

/** A backend that checks its servers, with a program behind each of them. All are in service at the start. */
export type BalancerBench = {
  readonly balancer: Balancer;
  readonly at: BalancerAt;
  /** At least two. */
  readonly servers: readonly string[];
  /** One request through the balancer: its status, or 0. */
  request(): Promise<number>;
  /** Sends requests all the time until the function that it gives is called; that one gives what came of them. */
  traffic(): () => Promise<{ requests: number; failed: number; cut: number }>;
  program(server: string): {
    stop(): Promise<void>;
    start(): Promise<void>;
    setHealthy(isHealthy: boolean): void;
    /** Requests that come from now on are not answered until `release`. */
    hold(): { held(): number; release(): void };
    served(): number;
  };
  /** As a person at the balancer's own controls would: takes the server out of service. */
  switchOff(server: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

const within = (ms: number) => AbortSignal.timeout(ms);

/** What every balancer must do. `open` makes a fresh bench for each test. */
export function balancerContract(name: string, open: () => Promise<BalancerBench>): void {
  describe(`${name} is a balancer`, () => {
    test("sees every server in service", async () => {
      await using bench = await open();
      const seen = await bench.balancer.look(bench.at, within(5_000));
      assert.deepEqual(
        seen.map(({ server, state, inFlight, checkOk }) => ({ server, state, inFlight, checkOk })),
        bench.servers.map((server) => ({ server, state: "in-service", inFlight: 0, checkOk: true })),
      );
    });

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
      ];
      for (const outcome of await Promise.allSettled(all)) {
        assert.ok(outcome.status === "rejected" && outcome.reason === reason);
      }
    });
  });
}

function first(bench: BalancerBench) {
  const server = bench.servers[0] ?? assert.fail("a bench without servers");
  return { server, program: bench.program(server) };
}

async function sight(bench: BalancerBench, server: string) {
  const seen = await bench.balancer.look(bench.at, within(5_000));
  return seen.find((each) => each.server === server) ?? assert.fail(`${server} is not to be seen`);
}

const pickState = ({ state, checkOk }: { state: string; checkOk?: boolean }) => ({ state, checkOk });

/** Holds exactly one request at the first server. */
async function holdOne(bench: BalancerBench) {
  const { server, program } = first(bench);
  const hold = program.hold();
  const requests: Promise<number>[] = [];
  // Every second one or so lands on another server and is answered.
  while (hold.held() === 0) {
    requests.push(bench.request());
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { server, program: hold, requests };
}

async function until(isTrue: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 5_000;
  while (!isTrue()) {
    if (performance.now() > end) assert.fail(`not within 5 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
