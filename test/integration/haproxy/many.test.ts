import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { ManyBench, type Server } from "./many-bench.ts";
import { Program } from "./program.ts";

const within = (ms: number) => AbortSignal.timeout(ms);

test("a pair with two backends each: every host is drained at all four, and no request fails at any", async () => {
  const servers: Server[] = [];
  for (const name of ["web-1", "web-2", "web-3"]) servers.push({ name, program: await Program.open() });
  await using bench = await ManyBench.open({ processes: 2, backends: ["hello", "hello-api"], servers });
  const { balancer } = bench;
  const stop = bench.traffic();
  for (const { name, program } of servers) {
    await bench.everywhere((at) => balancer.drain(at, name, within(10_000)));
    assert.deepEqual(await bench.states(name), Array(4).fill("draining"));
    const served = program.served();
    await wait(100);
    assert.equal(program.served(), served, "nobody sends it anything");
    await program.stop();
    await bench.everywhere((at) => balancer.distrust(at, name, within(5_000)));
    await program.start();
    await bench.everywhere((at) => balancer.admit(at, name, within(10_000)));
    assert.deepEqual(await bench.states(name), Array(4).fill("in-service"));
  }
  const { requests, failed, cut } = await stop();
  assert.deepEqual({ failed, cut, counted: await bench.failed() }, { failed: 0, cut: 0, counted: 0 });
  assert.ok(requests > 200, `${requests} requests`);
});

test("a host that is drained at one of a pair only still gets requests, by the other", async () => {
  const servers: Server[] = [];
  for (const name of ["web-1", "web-2"]) servers.push({ name, program: await Program.open() });
  await using bench = await ManyBench.open({ processes: 2, backends: ["hello"], servers });
  const stop = bench.traffic();
  await bench.balancer.drain(bench.places[0] ?? assert.fail(), "web-1", within(10_000));
  const served = servers[0]?.program.served() ?? 0;
  await wait(200);
  await stop();
  assert.ok((servers[0]?.program.served() ?? 0) > served);
});

/** The way the places of the new colour are written does not matter: disabled, or left to their checks. */
for (const words of ["disabled", ""])
  test(`blue-green, the green places ${words || "enabled"}: no early traffic, and the switch loses nothing`, async () => {
    const colours = { blue: [] as Server[], green: [] as Server[] };
    for (const name of ["web-1", "web-2"]) {
      colours.blue.push({ name, program: await Program.open() });
      colours.green.push({ name: `${name}-green`, program: await Program.open(), words: "disabled" });
    }
    await using bench = await ManyBench.open({
      processes: 2,
      backends: ["hello"],
      servers: [...colours.blue, ...colours.green],
    });
    const { balancer } = bench;
    for (const { name, program } of colours.green) {
      await program.stop();
      if (words === "") await bench.everywhere((at) => balancer.undrain(at, name, within(5_000)));
    }
    const stop = bench.traffic();
    // A place that is left to its checks would serve as soon as something answers there.
    for (const { name, program } of colours.green) {
      await bench.everywhere((at) => balancer.drain(at, name, within(5_000)));
      await program.start();
    }
    await wait(300);
    assert.deepEqual(
      colours.green.map(({ program }) => program.served()),
      [0, 0],
    );
    for (const { name } of colours.green) await bench.everywhere((at) => balancer.admit(at, name, within(10_000)));
    for (const { name } of colours.blue) await bench.everywhere((at) => balancer.drain(at, name, within(10_000)));
    const served = colours.blue.map(({ program }) => program.served());
    await wait(200);
    for (const { program } of colours.blue) await program.stop();
    assert.deepEqual(
      colours.blue.map(({ program }) => program.served()),
      served,
    );
    await wait(200);
    const { requests, failed, cut } = await stop();
    assert.deepEqual({ failed, cut, counted: await bench.failed() }, { failed: 0, cut: 0, counted: 0 });
    assert.ok(colours.green.every(({ program }) => program.served() > 0) && requests > 50);
  });
