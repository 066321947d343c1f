import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Client } from "../../demo/client.ts";
import { writeHello } from "../../demo/hello.ts";
import { type LabStage, labStage } from "../../demo/lab-scene.ts";
import { commitAll } from "../../demo/repository.ts";
import type { TrafficProgram } from "../../demo/traffic-program.ts";
import { ensureSystem } from "../../scripts/setup/ensure-system.ts";
import type { RolloutDetail } from "../../src/contract/shapes.ts";
import { holdsOf } from "../e2e/faults/fault-sights.ts";
import { type LabAlerts, startAlertmanager, withAlerts } from "./lab-alerts.ts";
import { type LabCase, labCases } from "./lab-cases.ts";
import { type HostNow, labRules } from "./lab-rules.ts";
import { type Landing, landingOf } from "./landing.ts";
import type { Chaos } from "./simulated.ts";
import { lookAtWorld, watchWorld } from "./witness.ts";

const lookEveryMs = 15;
const stepLimitMs = 120_000;
/** What no case may take longer than: one that does hangs. */
const caseLimitMs = 240_000;
/** What Slipway says of the hosts is up to some seconds old; a lease is given back by a reaper that looks every 15 s. */
const settleLimitMs = 45_000;
const settleEveryMs = 2_000;

type Wish = { readonly cases: number; readonly say: (line: string) => void; readonly signal: AbortSignal };

export type PlayedLabCase = {
  readonly journey: LabCase["journey"];
  readonly badOn?: string;
  readonly aimed: string;
  readonly killed: string;
  /** The rollout had ended before the kill: that is no case. */
  readonly isMissed: boolean;
  readonly violations: readonly string[];
};

export type LabChaos = Chaos & { readonly missed: number; readonly played: readonly PlayedLabCase[] };

/** Kills a real server under traffic in rollouts, put backs and roll backs, each time somewhere else. */
export async function labChaos({ cases, say, signal }: Wish): Promise<LabChaos> {
  await ensureSystem(["alertmanager"]);
  const left = labCases(cases);
  const played: PlayedLabCase[] = [];
  const sent = { requests: 0, failed: 0 };
  while (left.length > 0) {
    await using scene = await sceneOf(say, signal);
    // A case that hangs leaves a lab that the next one could not begin on.
    for (let isWhole = true; isWhole && left.length > 0; ) {
      signal.throwIfAborted();
      const [next] = left.splice(0, 1);
      if (!next) break;
      const outcome = await playedOrHung(scene, next, signal);
      isWhole = !outcome.hung;
      played.push(outcome.case);
      say(lineOf(outcome.case, `${played.length} of ${cases}`));
    }
    const total = await scene.users.total();
    sent.requests += total.requests;
    sent.failed += total.failed + total.cut;
  }
  const broken = played.filter(({ violations }) => violations.length > 0);
  const missed = played.filter(({ isMissed }) => isMissed).length;
  const violations = broken.reduce((sum, one) => sum + one.violations.length, 0);
  return { cases: played.length - missed, missed, violations, ...sent, broken, played };
}

type Scene = AsyncDisposable & {
  readonly stage: LabStage;
  readonly client: Client;
  readonly alerts: LabAlerts;
  readonly users: Pick<TrafficProgram, "total">;
  nextVersion(): number;
};

/** A lab with users, and two releases, so that there is one to go back to. */
async function sceneOf(say: Wish["say"], signal: AbortSignal): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  const stage = stack.use(await labStage(say, signal, { fleet: withAlerts }));
  let version = 0;
  const told = { stage, client: new Client(stage.url, signal), nextVersion: () => ++version };
  const alerts = await startAlertmanager(stage);
  for (let times = 0; times < 2; times++) {
    const { rollout } = await endOf(told.client, await commit(told));
    if (rollout.state !== "succeeded") throw new Error(`The first version ${rollout.state}: ${rollout.error?.message}`);
  }
  const users = stage.startTraffic();
  const parts = stack.move();
  return { ...told, alerts, users, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

async function playedOrHung(scene: Scene, one: LabCase, signal: AbortSignal) {
  const late = new AbortController();
  const words = { journey: one.journey, ...(one.badOn ? { badOn: one.badOn } : {}), aimed: aimOf(one) };
  try {
    const limit = wait(caseLimitMs, undefined, { signal: late.signal }).then(() => {
      throw new Error(`it did not end within ${caseLimitMs / 1000} s`);
    });
    return { hung: false, case: { ...words, ...(await Promise.race([playCase(scene, one), limit])) } };
  } catch (error) {
    signal.throwIfAborted();
    const violations = [error instanceof Error ? error.message : String(error)];
    return { hung: true, case: { ...words, killed: "and did not get to its end", isMissed: false, violations } };
  } finally {
    late.abort();
  }
}

async function playCase(scene: Scene, one: LabCase): Promise<Landing & Pick<PlayedLabCase, "violations">> {
  const { client, stage, alerts } = scene;
  const before = await lookAtWorld(stage, alerts);
  const watch = await watchWorld(stage, alerts);
  const id = one.journey === "roll-back" ? await rollBack(stage) : await commit(scene, one.badOn);
  await untilEvent(client, id, one.at);
  await wait(one.afterMs);
  const killedAt = new Date().toISOString();
  await stage.killServer();
  await stage.startServer();
  const ended = await endOf(client, id);
  const watched = await watch.end();
  const look = async () => {
    const [after, claimed, holds] = [await lookAtWorld(stage, alerts), await hostsNow(client), await holdsOf(stage)];
    return labRules({ of: one, ended, before, watched, after, claimed, holds });
  };
  return { ...landingOf(ended, killedAt), violations: await settled(look) };
}

const aimOf = ({ at: { host, step, phase, direction }, afterMs }: LabCase): string =>
  [`${afterMs} ms after`, direction, host, step, phase].filter(Boolean).join(" ");

const lineOf = ({ journey, badOn, aimed, killed, isMissed, violations }: PlayedLabCase, nth: string): string =>
  `  ${nth}: ${journey}${badOn ? ` (bad on ${badOn})` : ""}, aimed ${aimed}, killed ${killed}: ${
    violations.join("; ") || (isMissed ? "MISSED, no case" : "good")
  }`;

/** The rollout of a new version, as soon as it is there. */
async function commit(told: Pick<Scene, "stage" | "client" | "nextVersion">, badOn?: string): Promise<string> {
  const { client, stage } = told;
  const version = told.nextVersion();
  const rollout = { strategy: "rolling", batch: 1, bake: "500ms" };
  const settings = [[["environments", "integration", "rollout"], rollout]] as const;
  await writeHello(stage.repository, { ...stage.hello, version, settings });
  if (badOn) await writeFile(join(stage.repository, "sessions.js"), brokenOn(badOn));
  const sha = await commitAll(stage.repository, `Version ${version}`);
  const { release: made = 0, error } = await client.builtOf(sha, stepLimitMs);
  if (error) throw new Error(`Version ${version} could not be built: ${error.message}`);
  return client.started(made, stepLimitMs);
}

const brokenOn = (host: string): string => `import { hostname } from "node:os";

export const openSessions = async () => {
  if (hostname() === "${host}") throw new Error("cannot connect to the session store at redis:6379");
  return new Map();
};
`;

async function rollBack({ url, token }: LabStage): Promise<string> {
  const answer = await fetch(`${url}/api/rollbacks`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ service: "hello", environment: "integration" }),
    signal: AbortSignal.timeout(stepLimitMs),
  });
  if (!answer.ok) throw new Error(`POST /api/rollbacks answered ${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { id: string }).id;
}

/** Or until the rollout has ended without it. */
function untilEvent(client: Client, id: string, at: LabCase["at"]): Promise<boolean> {
  return client.until(`${at.step} of ${id}`, { deadlineMs: stepLimitMs, lookEveryMs }, async () => {
    const { timeline, rollout } = await client.rollout(id);
    const isIt = timeline.some(
      ({ host, step, phase, direction }) =>
        host === at.host && step === at.step && phase === at.phase && direction === at.direction,
    );
    return isIt || (isOpen(rollout.state) ? undefined : false);
  });
}

const isOpen = (state: string): boolean => ["waiting", "running", "paused"].includes(state);

const endOf = (client: Client, id: string): Promise<RolloutDetail> =>
  client.until(`the end of ${id}`, { deadlineMs: stepLimitMs, lookEveryMs: 100 }, async () => {
    const detail = await client.rollout(id);
    return isOpen(detail.rollout.state) ? undefined : detail;
  });

const hostsNow = async (client: Client): Promise<readonly HostNow[]> =>
  (await client.overview()).environments
    .flatMap(({ groups }) => groups.flatMap((group) => group.hosts))
    .map(({ name, release: runs, inService }) => ({ name, release: runs, inService: inService === true }));

/** What is wrong once nothing is, or at the limit. */
async function settled(look: () => Promise<readonly string[]>): Promise<readonly string[]> {
  const giveUpAt = performance.now() + settleLimitMs;
  for (;;) {
    const wrong = await look();
    if (wrong.length === 0 || performance.now() > giveUpAt) return wrong;
    await wait(settleEveryMs);
  }
}
