import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { allAlerts } from "#adapters/alerts/all-alerts.ts";
import { systemClock } from "#adapters/clock/system-clock.ts";
import { alertsContract } from "#ports/alerts.contract.ts";
import { type Daemon, daemonOf } from "../../../scripts/setup/daemon.ts";
import { freePort } from "../../../scripts/setup/free-port.ts";
import { programFor } from "../../../scripts/setup/programs.ts";

const startDeadlineMs = 20_000;
const matchers = { service: "hello", severity: "page" };

let directory: string;
let daemon: Daemon;
let url: string;

type Silence = { id: string; comment: string; createdBy: string; endsAt: string; status: { state: string } };

before(async () => {
  directory = await mkdtemp("/var/tmp/slipway-alerts-");
  await chmod(directory, 0o711);
  const config = join(directory, "alertmanager.yml");
  await writeFile(config, "route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n");
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const options = [
    `--config.file=${config}`,
    `--storage.path=${directory}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const child = spawn(programFor("alertmanager"), [...options, "--cluster.listen-address="], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const isReady = async () => (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok;
  daemon = await daemonOf(child, { name: "Alertmanager", isReady, deadlineMs: startDeadlineMs });
});
after(async () => {
  await daemon?.stop();
  await rm(directory, { recursive: true, force: true });
});

const silences = async (): Promise<Silence[]> => (await (await fetch(`${url}/api/v2/silences`)).json()) as Silence[];
const inForce = async (creator: string) =>
  (await silences()).filter(({ createdBy, status }) => createdBy === creator && status.state === "active");

const specOf = (name = "alertmanager") => ({ kind: "alertmanager", name, url, matchers }) as const;

alertsContract("a real Alertmanager", () => ({
  alerts: allAlerts({ clock: systemClock(), env: {} }),
  at: { spec: specOf() },
  beside: { spec: specOf("alertmanager 2") },
  hasEnds: true,
  async inForce({ spec }, owner) {
    const mine = await inForce(`slipway ${owner} ${spec.name}`);
    return { count: mine.length, ...(mine[0] ? { endsAt: mine[0].endsAt } : {}) };
  },
  async silenceByHand() {
    const [startsAt, endsAt] = [0, 3_600_000].map((ms) => new Date(Date.now() + ms).toISOString());
    const all = Object.entries(matchers).map(([name, value]) => ({ name, value, isRegex: false, isEqual: true }));
    const body = JSON.stringify({ matchers: all, startsAt, endsAt, createdBy: "ben", comment: "on purpose" });
    const headers = { "content-type": "application/json" };
    await fetch(`${url}/api/v2/silences`, { method: "POST", headers, body });
    return async () => (await inForce("ben")).length > 0;
  },
}));

test("an Alertmanager that is away is alerts.unreachable, one that says no alerts.refused, in its own words", async () => {
  const alerts = allAlerts({ clock: systemClock(), env: {} });
  const rest = { service: "hello", environment: "e", words: "w", url: "http://slipway/#/rollouts/r" };
  const silence = { owner: "r", ...rest, until: new Date(0).toISOString() };
  const signal = AbortSignal.timeout(20_000);
  const away = { spec: { ...specOf(), url: `http://127.0.0.1:${await freePort()}` } };
  await assert.rejects(alerts.silence(away, silence, signal), { code: "alerts.unreachable", message: /ECONNREFUSED/ });
  // An end in the past.
  await assert.rejects(alerts.silence({ spec: specOf() }, silence, signal), { code: "alerts.refused" });
});

test("whoever looks at the silence finds the rollout it is for", async () => {
  const alerts = allAlerts({ clock: systemClock(), env: {} });
  const url = "http://slipway/#/rollouts/r12";
  const until = new Date(Date.now() + 60_000).toISOString();
  const silence = { owner: "r12", service: "hello", environment: "e", words: "rollout 12 of hello r7", url, until };
  await alerts.silence({ spec: specOf() }, silence, AbortSignal.timeout(20_000));
  const [kept] = await inForce("slipway r12 alertmanager");
  assert.equal(kept?.comment, `rollout 12 of hello r7: ${url}`);
  await alerts.lift({ spec: specOf() }, silence, AbortSignal.timeout(20_000));
});
