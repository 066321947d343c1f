import { once } from "node:events";
import { Client } from "../../demo/client.ts";
import { type LabStage, labStage } from "../../demo/lab-scene.ts";
import { commitHello } from "../../demo/repository.ts";
import type { TrafficTotal } from "../../demo/traffic.ts";
import type { RolloutDetail, TimelineEventShape } from "../../src/contract/shapes.ts";
import { labRules } from "./lab-rules.ts";
import type { Case, Chaos } from "./simulated.ts";

const lookEveryMs = 15;
const stepLimitMs = 240_000;
/** A kill comes so long after the event that was waited for, at most: in the middle of what follows. */
const latestMs = 400;
const hostNames = ["web-1", "web-2", "web-3", "web-4"];

type Wish = { readonly cases: number; readonly say: (line: string) => void; readonly signal: AbortSignal };

/** Kills a real server under traffic in rollouts, put backs and roll backs, each time somewhere else. */
export async function labChaos({ cases, say, signal }: Wish): Promise<Chaos> {
  await using stage = await labStage(say, signal);
  const told = { client: new Client(stage.url, signal), stage };
  await release(told, { version: 1, isBad: false });
  const users = stage.startTraffic();
  const broken: Case[] = [];
  let violations = 0;
  for (let number = 0; number < cases; number++) {
    signal.throwIfAborted();
    const played = await playCase(told, number);
    violations += played.violations.length;
    if (played.violations.length > 0) broken.push(played);
    say(
      `  ${number + 1} of ${cases}: ${played.journey}, killed ${played.killed}: ${played.violations.join("; ") || "good"}`,
    );
  }
  const total: TrafficTotal = await users.total();
  await users.stop();
  return { cases, violations, requests: total.requests, failed: total.failed + total.cut, broken };
}

type Told = { readonly stage: LabStage; readonly client: Client };

/** The kill waits for one event of the timeline, then a moment of its own. */
type KillAt = { readonly host: string; readonly step: string; readonly phase: string; readonly direction: string };

async function playCase(told: Told, number: number): Promise<Case> {
  const { client, stage } = told;
  const journey = (["rollout", "put-back", "roll-back"] as const)[number % 3] ?? "rollout";
  const before = await hostsNow(client);
  const at = killAtOf(number, journey);
  const afterMs = Math.round(Math.random() * latestMs);
  const id =
    journey === "roll-back"
      ? await rollBack(told)
      : await commit(told, { version: number + 2, isBad: journey === "put-back" });
  const wasSeen = await untilEvent(client, id, at);
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  await stage.killServer();
  await stage.startServer();
  const ended = await endOf(client, id);
  const now = await settled(client);
  const killed = wasSeen ? `${afterMs} ms after ${at.direction} ${at.host} ${at.step} ${at.phase}` : "after its end";
  return { journey, killed, violations: labRules({ journey, ended, before, now }) };
}

/** Every step of every host gets its turn. */
function killAtOf(number: number, journey: Case["journey"]): KillAt {
  const turn = Math.floor(number / 3);
  const forward = ["drain", "replace", "check", "admit", "bake"];
  const isBack = journey === "put-back";
  const steps = isBack ? [...forward.slice(0, 3), ...forward.map((step) => `back ${step}`)] : forward;
  const step = steps[(turn * 2 + number) % steps.length] ?? "drain";
  const host = isBack ? "" : (hostNames[turn % hostNames.length] ?? "");
  const phase = turn % 2 === 0 ? "started" : "succeeded";
  const direction = step.startsWith("back ") ? "back" : "forward";
  return { host, step: step.replace("back ", ""), phase: isBack ? "started" : phase, direction };
}

type Version = { readonly version: number; readonly isBad: boolean };

/** The rollout of a new version, as soon as it is there. */
async function commit({ client, stage }: Told, { version, isBad }: Version): Promise<string> {
  const wish = { ...stage.hello, version, ...(isBad ? { breakHealth: true } : {}) };
  const sha = await commitHello(stage.repository, wish, `Version ${version}`);
  const { release: made = 0, error } = await client.builtOf(sha, stepLimitMs);
  if (error) throw new Error(`Version ${version} could not be built: ${error.message}`);
  return client.started(made, stepLimitMs);
}

async function release(told: Told, version: Version): Promise<void> {
  const { rollout } = await endOf(told.client, await commit(told, version));
  if (rollout.state !== "succeeded") throw new Error(`The first version ${rollout.state}: ${rollout.error?.message}`);
}

async function rollBack({ stage }: Told): Promise<string> {
  const answer = await fetch(`${stage.url}/api/rollbacks`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${stage.token}` },
    body: JSON.stringify({ service: "hello", environment: "integration" }),
  });
  if (!answer.ok) throw new Error(`POST /api/rollbacks answered ${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { id: string }).id;
}

/** False when the rollout has ended without it. */
function untilEvent(client: Client, id: string, at: KillAt): Promise<boolean> {
  const isIt = ({ host, step, phase, direction }: TimelineEventShape) =>
    (at.host === "" || host === at.host) && step === at.step && phase === at.phase && direction === at.direction;
  return client.until(`${at.step} of ${id}`, { deadlineMs: stepLimitMs, lookEveryMs }, async () => {
    const { timeline, rollout } = await client.rollout(id);
    return timeline.some(isIt) || (isOpen(rollout.state) ? undefined : false);
  });
}

const isOpen = (state: string): boolean => ["waiting", "running", "paused"].includes(state);

const endOf = (client: Client, id: string): Promise<RolloutDetail> =>
  client.until(`the end of ${id}`, { deadlineMs: stepLimitMs, lookEveryMs: 100 }, async () => {
    const detail = await client.rollout(id);
    return isOpen(detail.rollout.state) ? undefined : detail;
  });

export type HostNow = { readonly name: string; readonly release: number | undefined; readonly inService: boolean };

const hostsNow = async (client: Client): Promise<readonly HostNow[]> =>
  (await client.overview()).environments
    .flatMap(({ groups }) => groups.flatMap((group) => group.hosts))
    .map(({ name, release: runs, inService }) => ({ name, release: runs, inService: inService === true }));

/** What is seen of the hosts is up to some seconds old: until all are seen in service, or a while has passed. */
async function settled(client: Client): Promise<readonly HostNow[]> {
  const giveUp = AbortSignal.timeout(20_000);
  const late = once(giveUp, "abort");
  for (;;) {
    await Promise.race([late, new Promise((resolve) => setTimeout(resolve, 6_000))]);
    const now = await hostsNow(client);
    if (giveUp.aborted || now.every(({ inService }) => inService)) return now;
  }
}
