import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { allAlerts } from "#adapters/alerts/all-alerts.ts";
import { systemClock } from "#adapters/clock/system-clock.ts";
import { Secret } from "#core/secret.ts";
import { alertsContract } from "#ports/alerts.contract.ts";

const silence = {
  owner: "rollout-7",
  service: "hello",
  environment: "production",
  words: "rollout 12 of hello r7",
  url: "http://127.0.0.1:8080/#/rollouts/rollout-7",
  until: "2026-11-23T12:00:00.000Z",
};
const newAlerts = () => allAlerts({ clock: systemClock(), env: { PATH: process.env.PATH, SECRET_OF_THE_SERVER: "x" } });
const signal = () => AbortSignal.timeout(20_000);

type Heard = { readonly path: string | undefined; readonly body: Body };
type Body = {
  readonly routing_key: string;
  readonly payload: { readonly summary: string };
  readonly links: readonly { readonly href: string }[];
};

describe("PagerDuty", () => {
  const heard: Heard[] = [];
  let isRefusing = false;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (!isRefusing) heard.push({ path: request.url, body: JSON.parse(Buffer.concat(chunks).toString()) });
    response.writeHead(isRefusing ? 500 : 202).end("{}");
  });
  before(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
  after(() => server.close());

  const entry = (name: string) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const spec = { kind: "pagerduty", name, url, secret: { secret: name } } as const;
    return { spec, secret: new Secret(`key of ${name}`) };
  };
  const told = (from = 0) =>
    heard.slice(from).map(({ path, body }) => [path, body.routing_key, body.payload.summary, body.links[0]?.href]);

  alertsContract("what PagerDuty is told", () => ({
    alerts: newAlerts(),
    at: entry("one"),
    beside: entry("two"),
    hasEnds: false,
    // Nothing is silent there: a change that began and has not ended.
    async inForce({ spec }, owner) {
      const mine = heard.filter(({ body }) => body.routing_key === `key of ${spec.name}` && ownerOf(body) === owner);
      const began = mine.filter(({ body }) => body.payload.summary.endsWith("begins")).length;
      return { count: began - (mine.length - began) };
    },
    silenceByHand: async () => async () => true,
  }));
  const ownerOf = ({ links }: Body) => links[0]?.href.split("/").at(-1);

  test("hears of the change once at its beginning and once at its end, as it documents", async () => {
    const [alerts, at, from] = [newAlerts(), entry("one"), heard.length];
    await alerts.silence(at, silence, signal());
    for (let renewal = 0; renewal < 3; renewal++) await alerts.silence(at, { ...silence, isRenewal: true }, signal());
    await alerts.lift(at, silence, signal());
    assert.deepEqual(told(from), [
      ["/v2/change/enqueue", "key of one", "rollout 12 of hello r7 in production begins", silence.url],
      ["/v2/change/enqueue", "key of one", "rollout 12 of hello r7 in production ended", silence.url],
    ]);
  });

  test("does not hear of the beginning again from a server that was started in mid-rollout", async () => {
    const from = heard.length;
    await newAlerts().silence(entry("one"), { ...silence, isRenewal: true }, signal());
    assert.deepEqual(told(from), []);
  });

  test("hears of it at the next renewal when it could not be told at the beginning", async () => {
    const [alerts, at, from] = [newAlerts(), entry("one"), heard.length];
    isRefusing = true;
    await assert.rejects(alerts.silence(at, silence, signal()), { code: "alerts.refused" });
    isRefusing = false;
    for (let renewal = 0; renewal < 2; renewal++) await alerts.silence(at, { ...silence, isRenewal: true }, signal());
    assert.equal(told(from).length, 1);
  });
});

describe("the user's own command", () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp("/var/tmp/slipway-alerts-command-");
  });
  after(() => rm(directory, { recursive: true, force: true }));

  const entry = (name: string) => {
    const file = `"${directory}/${name} $SLIPWAY_ROLLOUT"`;
    const hold = ["sh", "-c", `echo "$SLIPWAY_UNTIL" > ${file}`];
    return {
      spec: { kind: "command", name, hold, release: ["sh", "-c", `rm -f ${file}`], timeoutMs: 10_000 },
    } as const;
  };

  alertsContract("what the user's own command silences", () => ({
    alerts: newAlerts(),
    at: entry("one"),
    beside: entry("two"),
    hasEnds: true,
    async inForce({ spec }, owner) {
      const name = `${spec.name} ${owner}`;
      if (!(await readdir(directory)).includes(name)) return { count: 0 };
      return { count: 1, endsAt: (await readFile(join(directory, name), "utf8")).trim() };
    },
    async silenceByHand() {
      await writeFile(join(directory, "by hand"), "");
      return async () => (await readdir(directory)).includes("by hand");
    },
  }));

  const alerts = newAlerts();
  const command = (hold: string[], timeoutMs = 10_000) => ({
    spec: { kind: "command", name: "alerts command", hold, release: ["true"], timeoutMs } as const,
  });

  test("gets the rollout in its environment and nothing of the server's", async () => {
    const script =
      'test "$SLIPWAY_SERVICE $SLIPWAY_UNTIL" = "hello 2026-11-23T12:00:00.000Z" && test -z "$SECRET_OF_THE_SERVER" && test "$SLIPWAY_URL" = "http://127.0.0.1:8080/#/rollouts/rollout-7"';
    await alerts.silence(command(["sh", "-c", script]), silence, signal());
    await alerts.lift(command(["true"]), silence, signal());
  });

  test("says so when it fails, hangs or is not there, with its last words", async () => {
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
});
