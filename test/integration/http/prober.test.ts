import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { httpProber } from "#adapters/http/http-prober.ts";
import type { TrafficCount } from "#core/receipt.ts";

async function serve(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}/`, [Symbol.dispose]: close };
}

async function probeFor(ms: number, url: string): Promise<TrafficCount> {
  const probe = httpProber().start({ url, everyMs: 10 }, () => {});
  await wait(ms);
  return probe.stop();
}

test("a good service: every request counted once, as the service saw them", async () => {
  let seen = 0;
  using app = await serve((_, response) => response.end(`hello ${++seen}`));
  const total = await probeFor(300, app.url);
  assert.deepEqual(total, { requests: seen, failed: 0, cut: 0 });
  assert.ok(seen >= 15, `${seen} requests`);
});

test("5xx fails, 4xx and redirects are served", async () => {
  const statuses = [500, 404, 301, 503, 200];
  let seen = 0;
  let bad = 0;
  using app = await serve((_, response) => {
    response.statusCode = statuses[seen++ % statuses.length] ?? 200;
    if (response.statusCode >= 500) bad++;
    response.setHeader("location", "/elsewhere");
    response.end();
  });
  assert.deepEqual(await probeFor(200, app.url), { requests: seen, failed: bad, cut: 0 });
  assert.ok(bad >= 2);
});

test("a kept connection that dies before the first byte is a failure, and is not asked again", async () => {
  let seen = 0;
  let died = 0;
  using app = await serve((request, response) => {
    if (++seen % 5 !== 0) return void response.end("ok");
    died++;
    request.socket.resetAndDestroy();
  });
  assert.deepEqual(await probeFor(300, app.url), { requests: seen, failed: died, cut: 0 });
  assert.ok(died >= 3);
});

test("an answer that ends in the middle is cut, with a length and in chunks", async () => {
  let seen = 0;
  using app = await serve((_, response) => {
    if (++seen % 2) response.writeHead(200, { "content-length": "1000" });
    response.write("the beginning");
    setTimeout(() => response.socket?.destroy(), 5);
  });
  const total = await probeFor(150, app.url);
  assert.deepEqual(total, { requests: seen, failed: 0, cut: seen });
});

test("a 5xx that breaks off counts once", async () => {
  let seen = 0;
  using app = await serve((_, response) => {
    seen++;
    response.writeHead(500, { "content-length": "1000" });
    response.write("the beginning");
    setTimeout(() => response.socket?.destroy(), 5);
  });
  assert.deepEqual(await probeFor(100, app.url), { requests: seen, failed: seen, cut: 0 });
});

test("refused connections fail", async () => {
  const gone = createTcpServer();
  await new Promise<void>((resolve) => gone.listen(0, "127.0.0.1", resolve));
  const { port } = gone.address() as AddressInfo;
  await new Promise((resolve) => gone.close(resolve));
  const total = await probeFor(100, `http://127.0.0.1:${port}/`);
  assert.ok(total.requests >= 3);
  assert.equal(total.failed, total.requests);
});

test("silence fails after ten seconds, and a stop waits that long for it, no longer", { timeout: 15_000 }, async () => {
  let seen = 0;
  using app = await serve(() => void seen++);
  const started = performance.now();
  const probe = httpProber().start({ url: app.url, everyMs: 5 }, () => {});
  await wait(800);
  const total = await probe.stop();
  assert.equal(seen, 64, "it does not become a flood");
  assert.deepEqual(total, { requests: 64, failed: 64, cut: 0 });
  const took = performance.now() - started;
  assert.ok(took > 9_900 && took < 11_500, `${took} ms`);
});

test("totals are told along the way and once more at the end; a second stop gives the same", async () => {
  using app = await serve((_, response) => response.end("ok"));
  const told: TrafficCount[] = [];
  const probe = httpProber().start({ url: app.url, everyMs: 10 }, (total) => told.push(total));
  await wait(1_150);
  const total = await probe.stop();
  assert.ok(told.length >= 3, `${told.length} times`);
  assert.deepEqual(told.at(-1), total);
  assert.deepEqual(await probe.stop(), total);
});
