import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { SlipwayError } from "#core/errors.ts";
import { HaproxyBench } from "./bench.ts";

const within = (ms: number) => AbortSignal.timeout(ms);
const code = (expected: string, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof SlipwayError && error.code === expected, String(error));
  assert.match(error.message, words);
  return true;
};
const sight = async ({ balancer, at }: HaproxyBench, server: string) =>
  (await balancer.look(at, within(5_000))).find((each) => each.server === server) ?? assert.fail(server);

test("without a drain the same replacement loses requests, and the counts show it", async () => {
  await using bench = await HaproxyBench.open();
  const before = await bench.balancer.counters(bench.at, within(5_000));
  const stop = bench.traffic();
  await wait(200);
  for (const server of ["web-1", "web-2"]) {
    await bench.program(server).stop();
    await wait(150);
    await bench.program(server).start();
    await wait(300);
  }
  const seen = await stop();
  const after = await bench.balancer.counters(bench.at, within(5_000));
  assert.ok(seen.failed + seen.cut > 0, JSON.stringify(seen));
  assert.equal(after.failed - before.failed, seen.failed, "what users lost is what HAProxy's counters show");
  assert.equal(after.requests - before.requests, seen.requests);
});

test("failed and cut are counted once each, whatever way the server fails", async () => {
  await using bench = await HaproxyBench.open();
  const before = await bench.balancer.counters(bench.at, within(5_000));
  assert.deepEqual(
    [await bench.request("500"), await bench.request("reset"), await bench.request("cut"), await bench.request("")],
    [500, 502, 0, 200],
  );
  const after = await bench.balancer.counters(bench.at, within(5_000));
  const grown = [after.requests - before.requests, after.failed - before.failed, after.cut - before.cut];
  assert.deepEqual(grown, [4, 2, 1]);
});

test("an old good check does not admit when checks are 5 s apart", { timeout: 30_000 }, async () => {
  await using bench = await HaproxyBench.open({ check: "check inter 5s fastinter 5s downinter 5s fall 1 rise 1" });
  // Every check begins at its own moment of the first five seconds.
  while (!(await sight(bench, "web-1")).checkOk) await wait(50);
  await bench.balancer.drain(bench.at, "web-1", within(5_000));
  await bench.program("web-1").stop();
  assert.equal((await sight(bench, "web-1")).checkOk, true, "the stopped program still looks good to HAProxy");
  await bench.balancer.distrust(bench.at, "web-1", within(5_000));
  const deadline = within(1_000);
  await assert.rejects(bench.balancer.admit(bench.at, "web-1", deadline), (error) => error === deadline.reason);
  await bench.program("web-1").start();
  await bench.balancer.admit(bench.at, "web-1", within(11_000));
  assert.equal((await sight(bench, "web-1")).state, "in-service");
});

test("a server without a check is drained, not broken by distrust, and admitted", async () => {
  await using bench = await HaproxyBench.open({ check: "" });
  const { balancer, at } = bench;
  assert.equal((await sight(bench, "web-1")).checkOk, undefined);
  await balancer.drain(at, "web-1", within(5_000));
  await balancer.distrust(at, "web-1", within(5_000));
  await balancer.admit(at, "web-1", within(5_000));
  const { balancerStartedAt: _, ...seen } = await sight(bench, "web-1");
  assert.deepEqual(seen, {
    server: "web-1",
    state: "in-service",
    inFlight: 0,
    served: { requests: 0, failed: 0 },
    reason: "no check",
  });
});

for (const verb of ["admit", "undrain"] as const)
  test(`a host that lost its power in its drain gets no request on a connection from before: ${verb}`, async () => {
    await using bench = await HaproxyBench.open();
    const { balancer, at } = bench;
    const client = bench.keptClient();
    for (let n = 0; n < 9; n++) assert.equal(await client.request(), 200);
    await balancer.drain(at, "web-1", within(5_000));
    bench.program("web-1").forgetConnections();
    const served = bench.program("web-1").served();
    await balancer[verb](at, "web-1", within(5_000));
    while ((await sight(bench, "web-1")).state !== "in-service") await wait(20);
    for (let n = 0; n < 9; n++) assert.equal(await client.request(), 200);
    client.close();
    assert.ok(bench.program("web-1").served() > served, "it serves again");
  });

test("a server written as disabled comes into service by way of a check", async () => {
  await using bench = await HaproxyBench.open({ check: "check inter 50 disabled" });
  assert.equal((await sight(bench, "web-2")).state, "maintenance");
  await bench.balancer.admit(bench.at, "web-2", within(5_000));
  assert.equal((await sight(bench, "web-2")).state, "in-service");
});

test("a dead server that is undrained out of maintenance is not believed alive until the next check", async () => {
  await using bench = await HaproxyBench.open({ check: "check inter 5s fastinter 5s downinter 5s fall 1 rise 1" });
  await bench.switchOff("web-1");
  await bench.program("web-1").stop();
  await bench.balancer.undrain(bench.at, "web-1", within(5_000));
  for (let n = 0; n < 9; n++) assert.equal(await bench.request(), 200);
  assert.notEqual((await sight(bench, "web-1")).state, "maintenance");
});

test("the reason is the balancer's own, also when the program's words have commas and quotes", async () => {
  await using bench = await HaproxyBench.open();
  bench.program("web-1").setHealthy(false);
  while ((await sight(bench, "web-1")).state === "in-service") await wait(20);
  const seen = await sight(bench, "web-1");
  assert.equal(seen.state, "down");
  assert.match(seen.reason, /^DOWN, L7STS\/503/);
});

test("a server of weight 0 is not in service, whatever its health", async () => {
  await using bench = await HaproxyBench.open();
  await bench.runtime("set server hello/web-1 weight 0");
  const seen = await sight(bench, "web-1");
  assert.deepEqual([seen.state, seen.checkOk], ["draining", true]);
  assert.match(seen.reason, /weight 0/);
  await bench.balancer.undrain(bench.at, "web-1", within(5_000));
  const deadline = within(300);
  await assert.rejects(bench.balancer.admit(bench.at, "web-1", deadline), (error) => error === deadline.reason);
});

test("a balancer that restarts has another start; a drain that was forgotten is asked for again", async () => {
  await using bench = await HaproxyBench.open();
  const { balancer, at } = bench;
  const before = await balancer.counters(at, within(5_000));
  await balancer.drain(at, "web-1", within(5_000));
  await wait(1_000);
  await bench.stopBalancer();
  await assert.rejects(balancer.look(at, within(5_000)), code("balancer.unreachable", /ECONNREFUSED/));
  await bench.startBalancer();
  assert.notEqual((await balancer.counters(at, within(5_000))).startedAt, before.startedAt);
  assert.equal((await sight(bench, "web-1")).state, "in-service");
  await balancer.drain(at, "web-1", within(5_000));
  assert.equal((await sight(bench, "web-1")).state, "draining");
});

test("in mode tcp a kept connection is in flight until it ends; connections are what is counted", async () => {
  await using bench = await HaproxyBench.open({ mode: "tcp" });
  const { balancer, at } = bench;
  const hold = bench.program("web-1").hold();
  const asked: Promise<number>[] = [];
  while (hold.held() === 0) {
    asked.push(bench.request());
    await wait(20);
  }
  const deadline = within(300);
  await assert.rejects(balancer.drain(at, "web-1", deadline), (error) => error === deadline.reason);
  hold.release();
  await balancer.drain(at, "web-1", within(5_000));
  await Promise.all(asked);
  const { requests, failed, cut } = await balancer.counters(at, within(5_000));
  assert.deepEqual({ requests, failed, cut }, { requests: asked.length, failed: 0, cut: 0 });
});

test("a socket without rights, without a listener, without an answer: each is named", { timeout: 20_000 }, async () => {
  await using bench = await HaproxyBench.open();
  const { balancer, at } = bench;
  const socket = (path: string) => ({ ...at, balancer: { ...at.balancer, socket: path } });
  const user = socket(`unix://${join(bench.directory, "user.sock")}`);
  const denied = balancer.drain(user, "web-1", within(5_000));
  await assert.rejects(denied, (error) => {
    assert.ok(error instanceof SlipwayError);
    assert.match(error.advice, /level admin/);
    return code("balancer.unreachable", /Permission denied/)(error);
  });
  await assert.rejects(
    balancer.look(socket("unix:///nowhere/admin.sock"), within(5_000)),
    code("balancer.unreachable", /Could not ask haproxy hello at unix:\/\/\/nowhere\/admin.sock .*ENOENT/),
  );
  await assert.rejects(balancer.look(socket("/run/x"), within(5_000)), code("balancer.unreachable", /expected unix/));

  const path = join(bench.directory, "odd.sock");
  const saying = async (say: (client: Socket) => void) => {
    const odd = createServer(say).listen(path);
    await wait(20);
    return { at: socket(`unix://${path}`), [Symbol.asyncDispose]: async () => void odd.close() };
  };
  {
    await using odd = await saying((client) => client.end());
    await assert.rejects(
      balancer.look(odd.at, within(5_000)),
      code("balancer.unreachable", /closed without an answer/),
    );
  }
  {
    await using odd = await saying((client) => client.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await assert.rejects(balancer.look(odd.at, within(5_000)), code("balancer.unreachable", /could not be read/));
  }
  {
    await using odd = await saying(() => {});
    await assert.rejects(balancer.look(odd.at, within(9_000)), code("balancer.unreachable", /no answer within 5 s/));
  }
  await rm(path, { force: true });
});
