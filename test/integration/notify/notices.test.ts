import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { chatNotices } from "#adapters/notify/chat-notices.ts";
import { SlipwayError } from "#core/errors.ts";
import { Secret } from "#core/secret.ts";
import type { Clock } from "#ports/clock.ts";
import type { Notice, NoticeChannel } from "#ports/notices.ts";

const notice: Notice = {
  event: "failed",
  rollout: 7,
  service: "hello",
  environment: "production",
  release: 3,
  commit: "1a2b3c4d5e6f",
  by: "ben",
  text: "web-1 did not get healthy.",
  url: "https://slipway.example.com/rollouts/7",
  at: "2026-11-23T16:00:00.000Z",
};
const path = "/services/T0000/B0000/XXXXXXXXSECRETXXXX";
const key = randomBytes(24);

/** Time passes at once, and is written down. */
class QuickClock implements Clock {
  readonly slept: number[] = [];
  now = () => Date.parse(notice.at);
  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.slept.push(ms);
  }
}

type Request = { url: string | undefined; headers: IncomingHttpHeaders; body: string };

async function receiver(answer: (response: ServerResponse, at: number) => void) {
  const requests: Request[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    requests.push({ url: request.url, headers: request.headers, body });
    answer(response, requests.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = new Secret(`http://${host}${path}`);
  const chat: NoticeChannel = { spec: { kind: "slack", on: ["failed"], webhook: { secret: "CHAT" } }, url };
  const own: NoticeChannel = {
    spec: { kind: "webhook", on: ["failed"], url: "", signingSecret: { secret: "SIGN" } },
    url,
    signingSecret: new Secret(`whsec_${key.toString("base64")}`),
  };
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { requests, host, chat, own, [Symbol.dispose]: close };
}

const status =
  (code: number, body = "") =>
  (response: ServerResponse) =>
    void response.writeHead(code).end(body);
const long = () => AbortSignal.timeout(5_000);

function failsWith(words: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof SlipwayError && error.code === "notice.failed", String(error));
    assert.match(error.message, words);
    assert.ok(
      !JSON.stringify([error.message, error.toRecord(), String(error.cause)]).includes("SECRET"),
      error.message,
    );
    return true;
  };
}

test("a chat room gets one JSON message", async () => {
  using room = await receiver(status(200, "ok"));
  const clock = new QuickClock();
  assert.equal(await chatNotices({ clock }).post(room.chat, notice, undefined, long()), undefined);
  assert.equal(room.requests.length, 1);
  assert.equal(room.requests[0]?.url, path);
  assert.equal(room.requests[0]?.headers["content-type"], "application/json");
  assert.match(JSON.parse(room.requests[0]?.body ?? "").text, /hello release 3 failed in production/);
  assert.deepEqual(clock.slept, []);
});

test("a webhook's signature fits the body that came; its rollout's id is given back", async () => {
  using own = await receiver(status(204));
  const notices = chatNotices({ clock: new QuickClock() });
  assert.equal(await notices.post(own.own, notice, undefined, long()), "hello-production-7");
  const { headers, body } = own.requests[0] ?? assert.fail();
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  assert.equal(headers["webhook-signature"], `v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
  assert.equal(headers["webhook-timestamp"], String(Date.parse(notice.at) / 1000));
});

test("a receiver in trouble is tried again, later each time, as the same message", async () => {
  using own = await receiver((response, at) => {
    if (at === 1) status(503)(response);
    else if (at === 2) response.writeHead(429, { "retry-after": "7" }).end();
    else if (at === 3) response.socket?.destroy();
    else status(200)(response);
  });
  const clock = new QuickClock();
  await chatNotices({ clock }).post(own.own, notice, undefined, long());
  assert.deepEqual(clock.slept, [500, 7_000, 2_000]);
  assert.equal(new Set(own.requests.map(({ headers }) => headers["webhook-id"])).size, 1);
});

test("tries have an end, and the last answer is told without the address", async () => {
  using room = await receiver((response) => status(500, `cannot POST ${path} now`)(response));
  const posted = chatNotices({ clock: new QuickClock() }).post(room.chat, notice, undefined, long());
  await assert.rejects(
    posted,
    failsWith(/chat room at 127.0.0.1:\d+: answered 500: cannot POST \[secret\] now \(try 6\)/),
  );
  assert.equal(room.requests.length, 6);
});

test("a refusal and a redirect are final", async () => {
  for (const code of [400, 404, 410, 302]) {
    using room = await receiver((response) => response.writeHead(code, { location: "/elsewhere" }).end("no_service"));
    const posted = chatNotices({ clock: new QuickClock() }).post(room.chat, notice, undefined, long());
    await assert.rejects(posted, failsWith(new RegExp(`answered ${code}: no_service \\(try 1\\)`)));
    assert.equal(room.requests.length, 1);
  }
});

test("a dead chat room and a silent one cost no more than the signal allows", async () => {
  using gone = await receiver(status(200));
  gone[Symbol.dispose]();
  const clock = new QuickClock();
  await assert.rejects(chatNotices({ clock }).post(gone.chat, notice, undefined, long()), failsWith(/ECONNREFUSED/));
  using silent = await receiver(() => {});
  const started = performance.now();
  const posted = chatNotices({ clock }).post(silent.chat, notice, undefined, AbortSignal.timeout(200));
  await assert.rejects(posted, failsWith(/timeout|aborted/));
  assert.ok(performance.now() - started < 2_000);
});

test("an answer without an end is left after 64 KiB", async () => {
  using room = await receiver((response) => {
    response.writeHead(404);
    const flood = setInterval(() => response.write("x".repeat(16 * 1024)), 1);
    response.on("close", () => clearInterval(flood));
  });
  const posted = chatNotices({ clock: new QuickClock() }).post(room.chat, notice, undefined, long());
  await assert.rejects(posted, failsWith(/answered 404: x{200} /));
});

test("an address or signing secret that is none is named, not shown", async () => {
  using room = await receiver(status(200));
  const notices = chatNotices({ clock: new QuickClock() });
  for (const url of ["SECRET", "ftp://SECRET/", "https://SECRET:port/"]) {
    const channel = { ...room.chat, url: new Secret(url) };
    await assert.rejects(notices.post(channel, notice, undefined, long()), failsWith(/not a URL/));
  }
  const channel = { ...room.own, signingSecret: new Secret("SECRET") };
  await assert.rejects(notices.post(channel, notice, undefined, long()), failsWith(/signing secret is not/));
});
