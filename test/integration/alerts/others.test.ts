import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { allAlerts } from "#adapters/alerts/all-alerts.ts";
import { systemClock } from "#adapters/clock/system-clock.ts";
import { Secret } from "#core/secret.ts";

const silence = {
  owner: "rollout-7",
  service: "hello",
  environment: "production",
  words: "rollout 12 of hello r7",
  until: "2026-11-23T12:00:00.000Z",
};
const alerts = allAlerts({ clock: systemClock(), env: { PATH: process.env.PATH, SECRET_OF_THE_SERVER: "x" } });
const signal = () => AbortSignal.timeout(20_000);

test("PagerDuty hears of the change once at its beginning and once at its end, as it documents", async () => {
  const heard: { path: string | undefined; body: Record<string, unknown> }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    heard.push({ path: request.url, body: JSON.parse(Buffer.concat(chunks).toString()) });
    response.writeHead(202).end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const spec = { kind: "pagerduty", name: "pagerduty", url, secret: { secret: "PD" } } as const;
    const at = { spec, secret: new Secret("routing-key") };
    for (let renewal = 0; renewal < 3; renewal++) await alerts.silence(at, silence, signal());
    await alerts.lift(at, silence, signal());
  } finally {
    server.close();
  }
  assert.deepEqual(
    heard.map(({ path, body }) => [path, body.routing_key, (body.payload as { summary: string }).summary]),
    [
      ["/v2/change/enqueue", "routing-key", "rollout 12 of hello r7 in production begins"],
      ["/v2/change/enqueue", "routing-key", "rollout 12 of hello r7 in production ended"],
    ],
  );
});

const command = (hold: string[], timeoutMs = 10_000) => ({
  spec: { kind: "command", name: "alerts command", hold, release: ["true"], timeoutMs } as const,
});

test("a command gets the rollout in its environment and nothing of the server's", async () => {
  const script =
    'test "$SLIPWAY_SERVICE $SLIPWAY_UNTIL" = "hello 2026-11-23T12:00:00.000Z" && test -z "$SECRET_OF_THE_SERVER"';
  await alerts.silence(command(["sh", "-c", script]), silence, signal());
  await alerts.lift(command(["true"]), silence, signal());
});

test("a command that fails, hangs or is not there says so, with its last words", async () => {
  const failing = alerts.silence(command(["sh", "-c", "echo no such pager >&2; exit 3"]), silence, signal());
  await assert.rejects(failing, (error: { message: string; details: { lastLines: string } }) => {
    assert.match(error.message, /hold command of alerts command ended with 3/);
    assert.match(error.details.lastLines, /no such pager/);
    return true;
  });
  await assert.rejects(alerts.silence(command(["sleep", "60"], 200), silence, signal()), /did not end within 0.2 s/);
  await assert.rejects(alerts.silence(command(["/no/such/program"]), silence, signal()), {
    code: "alerts.unreachable",
  });
});
