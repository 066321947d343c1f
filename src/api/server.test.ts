import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { SlipwayError } from "#core/errors.ts";
import { ask, fakeToken, startFakeApi } from "#test/fakes/api.ts";
import { FakeWorld, fakeUseCases } from "#test/fakes/use-cases.ts";

const place = { service: "hello", environment: "integration" };
const errorOf = async (response: Response) => ((await response.json()) as { error: Record<string, string> }).error;

test("reads answer by the contract's shapes", async (t) => {
  const { url, world } = await startFakeApi(t);
  const overview = await (await ask(`${url}/api/overview`)).json();
  assert.equal(overview.environments[0].groups[0].service, "hello");
  await ask(`${url}/api/builds?limit=3`);
  assert.deepEqual(world.asked.at(-1), {
    name: "builds",
    request: { params: {}, query: { limit: 3 }, body: undefined },
  });
});

test("a change without the token, or with a wrong one, is refused before it reaches anything", async (t) => {
  const { url, world } = await startFakeApi(t);
  for (const token of ["", "wrong"]) {
    const response = await ask(`${url}/api/rollouts`, place, token);
    assert.equal(response.status, 401);
    assert.match(response.headers.get("WWW-Authenticate") ?? "", /^Bearer/);
    assert.equal((await errorOf(response)).code, "auth.required");
  }
  assert.deepEqual(world.asked, []);
  assert.equal((await ask(`${url}/api/rollouts`, place)).status, 200);
});

test("a key that the shape does not name never leaves the server", async (t) => {
  const useCases = fakeUseCases(new FakeWorld());
  const leaking = {
    ...useCases,
    poll: async () => ({
      ...(await useCases.poll({ params: { name: "x" }, query: undefined, body: undefined })),
      password: "hunter2",
    }),
  };
  const { url } = await startFakeApi(t, { useCases: leaking });
  const text = await (await ask(`${url}/api/sources/hello/poll`, {})).text();
  assert.match(text, /"name":"x"/);
  assert.doesNotMatch(text, /hunter2|password/);
});

test("wrong input is a 400 that names field, expectation and what was found", async (t) => {
  const { url } = await startFakeApi(t);
  const query = await ask(`${url}/api/builds?limit=many`);
  assert.equal(query.status, 400);
  assert.match((await errorOf(query)).message ?? "", /query\.limit: expected number, found "many"/);
  const body = await ask(`${url}/api/plan`, { service: "hello" });
  assert.match((await errorOf(body)).message ?? "", /body\.environment: expected string, found nothing/);
});

test("a body that is too large, not JSON or poisoned is refused in our own shape", async (t) => {
  const { url } = await startFakeApi(t);
  const headers = { Authorization: `Bearer ${fakeToken}`, "Content-Type": "application/json" };
  const send = (body: string, more = {}) =>
    fetch(`${url}/api/rollouts`, { method: "POST", headers: { ...headers, ...more }, body });
  const cases: [Response, number][] = [
    [await send(JSON.stringify({ ...place, by: "x".repeat(1_100_000) })), 413],
    [await send("{ not json"), 400],
    [await send('{"__proto__":{"admin":true},"service":"a","environment":"b"}'), 400],
    [await send("<xml/>", { "Content-Type": "text/xml" }), 415],
  ];
  for (const [response, status] of cases) {
    assert.equal(response.status, status);
    assert.equal((await errorOf(response)).code, "input.invalid");
  }
});

test("each kind of error has its status", async (t) => {
  const useCases = fakeUseCases(new FakeWorld());
  const thrown: [Error, number][] = [
    [new SlipwayError("plan.refused", "no health check"), 409],
    [new SlipwayError("not.found", "no such build"), 404],
    [new SlipwayError("rollout.cancelled", "was cancelled"), 409],
    [new SlipwayError("host.unreachable", "web-1 did not answer", { host: "web-1" }), 502],
  ];
  let next: Error = new Error();
  const { url, logged } = await startFakeApi(t, { useCases: { ...useCases, overview: () => Promise.reject(next) } });
  for (const [error, status] of thrown) {
    next = error;
    const response = await ask(`${url}/api/overview`);
    assert.equal(response.status, status);
    assert.equal((await errorOf(response)).message, error.message);
  }
  assert.deepEqual(logged, []);
});

test("a fault keeps its words in the log, once, under the incident that the caller is told", async (t) => {
  const useCases = fakeUseCases(new FakeWorld());
  const overview = () => Promise.reject(new Error("password=hunter2 at /etc/slipway"));
  const { url, logged } = await startFakeApi(t, { useCases: { ...useCases, overview } });
  const response = await ask(`${url}/api/overview`);
  assert.equal(response.status, 500);
  const { message = "" } = await errorOf(response);
  assert.doesNotMatch(message, /hunter2/);
  const incident = /incident (\w+)/.exec(message)?.[1] ?? "none";
  assert.equal(logged.length, 1);
  assert.match(logged[0] ?? "", new RegExp(`${incident}.*hunter2`, "s"));
});

test("health, readiness, unknown addresses, and a plain page while none is built", async (t) => {
  const ready = { now: true };
  const { url } = await startFakeApi(t, {
    ready: async () => {
      if (!ready.now) throw new Error("the database is down");
    },
  });
  assert.equal((await ask(`${url}/healthz`)).status, 200);
  assert.equal((await ask(`${url}/readyz`)).status, 200);
  ready.now = false;
  const response = await ask(`${url}/readyz`);
  assert.equal(response.status, 503);
  assert.match((await errorOf(response)).message ?? "", /the database is down/);
  assert.equal((await ask(`${url}/healthz`)).status, 200);
  assert.equal((await ask(`${url}/api/nothing`)).status, 404);
  assert.equal(((await (await ask(`${url}/openapi.json`)).json()) as { openapi: string }).openapi, "3.1.0");
  assert.match(await (await ask(`${url}/`)).text(), /was not built/);
});

test("every answer carries the security headers and none allows another origin", async (t) => {
  const { url } = await startFakeApi(t);
  for (const path of ["/", "/api/overview", "/api/nothing", "/healthz"]) {
    const { headers } = await ask(url + path);
    assert.match(headers.get("Content-Security-Policy") ?? "", /default-src 'self'.*frame-ancestors 'none'/);
    assert.equal(headers.get("X-Content-Type-Options"), "nosniff");
    assert.equal(headers.get("Referrer-Policy"), "no-referrer");
    assert.equal(headers.get("Access-Control-Allow-Origin"), null);
  }
});

test("a request under another name or from another page is a 403", async (t) => {
  const { url } = await startFakeApi(t);
  const status = (headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) =>
      request(`${url}/api/overview`, { headers, agent: false }, (answer) => resolve(answer.resume().statusCode))
        .on("error", reject)
        .end(),
    );
  assert.equal(await status({ Host: "evil.example.com" }), 403);
  assert.equal(await status({ Origin: "https://evil.example.com" }), 403);
  assert.equal(await status({ Host: "localhost" }), 200);
});

test("close lets a running request finish and ends in time even when one never does", async (t) => {
  const useCases = fakeUseCases(new FakeWorld());
  const stuck = Promise.withResolvers<never>();
  const { url, api } = await startFakeApi(t, { useCases: { ...useCases, overview: () => stuck.promise } });
  const asked = ask(`${url}/api/overview`).then(
    () => "answered",
    () => "cut",
  );
  await ask(`${url}/healthz`);
  const before = performance.now();
  await Promise.all([api.close(), api.close()]);
  assert.ok(performance.now() - before < 2_000);
  assert.equal(await asked, "cut");
});
