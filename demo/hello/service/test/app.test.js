import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { makeApp } from "../app.js";

/** Listens on a free port for one test. */
const started = async (t, { sessions = () => new Map() } = {}) => {
  const server = makeApp({ version: "7", commit: "c0ffee", host: "web-1", sessions });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  return { server, address: `http://127.0.0.1:${server.address().port}` };
};

test("/version gives the commit", async (t) => {
  const { address } = await started(t);
  assert.equal((await (await fetch(`${address}/version`)).json()).commit, "c0ffee");
});

test("/healthz is 503 until the sessions are there", async (t) => {
  let sessions;
  const { address } = await started(t, { sessions: () => sessions });
  assert.equal((await fetch(`${address}/healthz`)).status, 503);
  sessions = new Map();
  assert.equal((await fetch(`${address}/healthz`)).status, 200);
});

test("a request under way is answered although the server stops", async (t) => {
  const { server, address } = await started(t);
  const arrived = once(server, "request");
  const slow = fetch(`${address}/slow?ms=200`);
  await arrived;
  const closed = new Promise((resolve) => server.close(resolve));
  assert.equal(await (await slow).text(), "waited 200 ms\n");
  await closed;
});

test("an unknown page is 404", async (t) => {
  const { address } = await started(t);
  assert.equal((await fetch(`${address}/constructor`)).status, 404);
});
