import assert from "node:assert/strict";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startFakeApi } from "#test/fakes/api.ts";

/** Opens a stream; `until` resolves with all text so far once it matches. */
const openStream = async (t: TestContext, url: string, headers: Record<string, string> = {}) => {
  const abort = new AbortController();
  t.after(() => abort.abort());
  const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(5_000)]);
  const response = await fetch(`${url}/api/events`, { headers, signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const until = async (pattern: RegExp): Promise<string> => {
    while (!pattern.test(text)) {
      const part = await reader?.read();
      if (part === undefined || part.done) return text;
      text += part.value;
    }
    return text;
  };
  return { response, until, stop: () => abort.abort() };
};

const idsOf = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));

test("a follower hears of every change, with ids that grow", async (t) => {
  const { url, world } = await startFakeApi(t);
  const { response, until } = await openStream(t, url);
  assert.equal(response.headers.get("Content-Type"), "text/event-stream; charset=utf-8");
  assert.equal(response.headers.get("X-Accel-Buffering"), "no");
  assert.match(response.headers.get("Content-Security-Policy") ?? "", /default-src 'self'/);
  await until(/retry/);
  world.tell("overview");
  world.tell("rollout/7");
  const text = await until(/rollout\/7/);
  assert.match(
    text,
    /event: change\ndata: \{"topic":"overview"\}\n\nid: \d+\nevent: change\ndata: \{"topic":"rollout\/7"\}\n\n/,
  );
  const ids = idsOf(text);
  assert.deepEqual(
    ids,
    [...new Set(ids)].sort((a, b) => a - b),
  );
});

test("one that comes back gets what it missed; one that was away too long is told so", async (t) => {
  const { url, world } = await startFakeApi(t, { streamLimits: { ringSize: 3 } });
  const first = await openStream(t, url);
  world.tell("build/1");
  const id = String(idsOf(await first.until(/build\/1/)).at(-1));
  first.stop();
  for (const topic of ["build/2", "build/3"]) world.tell(topic);
  const soon = await (await openStream(t, url, { "Last-Event-ID": id })).until(/build\/3/);
  assert.match(soon, /build\/2/);
  assert.doesNotMatch(soon, /build\/1|resync/);
  for (const topic of ["build/4", "build/5"]) world.tell(topic);
  for (const old of [id, "17", "nonsense"]) {
    const late = await (await openStream(t, url, { "Last-Event-ID": old })).until(/resync\ndata: \{\}\n\n/);
    assert.match(late, /\{"topic":"overview"\}\n\nid: \d+\nevent: resync/);
  }
});

test("a ping keeps a quiet stream open", async (t) => {
  const { url } = await startFakeApi(t, { streamLimits: { pingMs: 20 } });
  assert.match(await (await openStream(t, url)).until(/: ping/), /: ping\n\n/);
});

test("one stream too many is refused with 503, and a place is free again when one leaves", async (t) => {
  const { url } = await startFakeApi(t, { streamLimits: { streams: 1 } });
  const first = await openStream(t, url);
  const second = await openStream(t, url);
  assert.equal(second.response.status, 503);
  assert.match(await second.until(/code/), /server\.busy/);
  first.stop();
  for (let tries = 0; tries < 50 && (await openStream(t, url)).response.status !== 200; tries += 1) await sleep(20);
  assert.equal((await openStream(t, url)).response.status, 503);
});

test("a client that does not read is dropped instead of buffered", async (t) => {
  const { url, world } = await startFakeApi(t);
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).pause();
  t.after(() => socket.destroy());
  const closed = new Promise((resolve) => socket.on("close", resolve).on("error", resolve));
  socket.write(`GET /api/events HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
  await sleep(50);
  const topic = `log/${"x".repeat(60_000)}`;
  for (let n = 0; n < 400; n += 1) {
    world.tell(topic);
    if (n % 20 === 0) await sleep(1);
  }
  socket.resume();
  assert.equal(await Promise.race([closed.then(() => "dropped"), sleep(3_000, "kept", { ref: false })]), "dropped");
});

test("closing the server ends the streams at once and stops following", async (t) => {
  const { url, world, api } = await startFakeApi(t);
  const { until } = await openStream(t, url);
  await until(/retry/);
  assert.equal(world.followers, 1);
  const before = performance.now();
  await Promise.all([api.close(), until(/never/)]);
  assert.ok(performance.now() - before < 1_000);
  assert.equal(world.followers, 0);
});
