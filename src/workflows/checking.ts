import { SlipwayError } from "#core/errors.ts";
import type { HostSpec } from "#core/fleet.ts";
import { freshHealth, judge } from "#core/health.ts";
import type { Release } from "#core/release.ts";
import type { HealthSpec } from "#core/service.ts";
import type { Answer } from "#ports/checks.ts";
import type { Doing } from "#workflows/act.ts";
import { type Course, engineHost, sightWish } from "#workflows/course.ts";
import type { World } from "#workflows/world.ts";

const lastLinesLimitBytes = 4_096;
/** As long as a service must stay healthy by default. */
const workerStableMs = 10_000;
const workerLookMs = 1_000;
const firstAgainMs = 10;
const smokeTimeoutMs = 10_000;
const answerShown = 300;

/** `port`: the host's port that the container is published at. */
export type Checked = {
  readonly host: HostSpec;
  readonly container: string;
  readonly release: Release;
  readonly port: number;
};

/** The container answered its health check well for long enough, still runs, and passed its smoke test. */
export async function checkHost(world: World, course: Course, what: Checked, doing: Doing): Promise<void> {
  const health = what.release.run.health;
  if (!health) return watchWorker(world, course, what, doing);
  let state = freshHealth(world.clock.now());
  let soonMs = firstAgainMs;
  for (;;) {
    const [answer] = await Promise.all([
      ask(world, course, what, doing.signal),
      failIfEnded(world, course, what, doing.signal),
    ]);
    const result = judge(state, { isGood: isGood(answer), nowMs: world.clock.now() }, health);
    state = result.state;
    doing.progress(`${health.path} says ${inWords(answer)}; ${state.goodInARow} good in a row`);
    if (result.verdict === "healthy") break;
    if (result.verdict === "unhealthy") throw await unhealthy(world, course, { ...what, answer }, doing.signal);
    // A program that does not listen yet is not bothered by the question, and a host is out of traffic all the while.
    soonMs = answer.status === 0 ? soonMs * 2 : health.intervalMs;
    await world.clock.sleep(Math.min(soonMs, health.intervalMs), doing.signal);
  }
  await smoke(world, course, what, doing.signal);
}

/** A worker has nothing to ask: it is good when its container goes on running by itself. */
async function watchWorker(world: World, course: Course, what: Checked, doing: Doing): Promise<void> {
  const endsAt = world.clock.now() + workerStableMs;
  for (;;) {
    await failIfEnded(world, course, what, doing.signal);
    const leftMs = endsAt - world.clock.now();
    if (leftMs <= 0) return;
    doing.progress("the container runs");
    await world.clock.sleep(Math.min(workerLookMs, leftMs), doing.signal);
  }
}

/** One more good answer just now, before the host gets traffic: what was recorded earlier is the past. */
export async function checkOnce(world: World, course: Course, what: Checked, signal: AbortSignal): Promise<void> {
  const complaint = await complaintOf(world, course, what, signal);
  if (complaint)
    throw await unhealthy(world, course, { ...what, answer: { status: 0, body: complaint, ms: 0 } }, signal);
}

/** What is wrong with the host now, in words; undefined when it answers well. */
export async function complaintOf(
  world: World,
  course: Course,
  what: Checked,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!what.release.run.health) return complaintOfWorker(world, course, what, signal);
  const answer = await ask(world, course, what, signal);
  return isGood(answer) ? undefined : `${healthOf(what.release).path} says ${inWords(answer)}`;
}

async function complaintOfWorker(world: World, course: Course, what: Checked, signal: AbortSignal) {
  const { containers } = await world.containers.look(engineHost(course, what.host), sightWish(course), signal);
  const isRunning = containers.some(({ name, state }) => name === what.container && state === "running");
  return isRunning ? undefined : "its container does not run";
}

function healthOf(release: Release): HealthSpec {
  if (release.run.health) return release.run.health;
  throw new SlipwayError("plan.refused", `${release.service} has no health check.`);
}

function ask(world: World, course: Course, { host, release, port }: Checked, signal: AbortSignal): Promise<Answer> {
  const { path, timeoutMs } = healthOf(release);
  return world.checks.get(engineHost(course, host), { port, path, timeoutMs }, signal);
}

const isGood = ({ status }: Answer): boolean => status >= 200 && status < 300;

const inWords = ({ status, body }: Answer): string =>
  status === 0 ? `nothing (${body.slice(0, answerShown)})` : `${status} ${body.slice(0, answerShown).trim()}`.trim();

/** A container that ended will never be healthy: say so now, with its own last words. */
async function failIfEnded(world: World, course: Course, what: Checked, signal: AbortSignal): Promise<void> {
  const { containers } = await world.containers.look(engineHost(course, what.host), sightWish(course), signal);
  const sight = containers.find((candidate) => candidate.name === what.container);
  if (sight?.state === "running" && sight.restarts === 0) return;
  const how =
    sight?.exitCode === undefined
      ? sight?.restarts
        ? "ended and was started again by the engine"
        : "is not running"
      : `ended with exit code ${sight.exitCode}`;
  throw new SlipwayError("container.exited", `The new container on ${what.host.name} ${how}.`, {
    ...(sight?.exitCode === undefined ? {} : { exit: String(sight.exitCode) }),
    lastLines: await lastLines(world, course, what, signal),
  });
}

async function unhealthy(
  world: World,
  course: Course,
  what: Checked & { answer: Answer },
  signal: AbortSignal,
): Promise<SlipwayError> {
  if (!what.release.run.health)
    return new SlipwayError("container.exited", `The worker on ${what.host.name}: ${what.answer.body}.`, {
      lastLines: await lastLines(world, course, what, signal),
    });
  const { path, deadlineMs } = healthOf(what.release);
  return new SlipwayError(
    "check.unhealthy",
    `Release ${what.release.number} did not become healthy on ${what.host.name} within ${deadlineMs / 1000} s: ${path} says ${inWords(what.answer)}.`,
    { lastLines: await lastLines(world, course, what, signal) },
  );
}

async function smoke(world: World, course: Course, what: Checked, signal: AbortSignal): Promise<void> {
  const { run, commit } = what.release;
  if (!run.smoke) return;
  const { path, status } = run.smoke;
  const expect = run.smoke.expect?.replaceAll(/\{\{ *commit *\}\}/g, commit.sha);
  const request = { port: what.port, path, timeoutMs: smokeTimeoutMs };
  const answer = await world.checks.get(engineHost(course, what.host), request, signal);
  if (answer.status === status && (expect === undefined || answer.body.includes(expect))) return;
  const wanted = expect === undefined ? `${status}` : `${status} with "${expect}"`;
  throw new SlipwayError(
    "check.smoke",
    `The smoke test of ${what.host.name} asked ${path} and expected ${wanted}; it got ${inWords(answer)}.`,
    {
      lastLines: await lastLines(world, course, what, signal),
    },
  );
}

/** For a person to read: that they could not be read must not hide the failure they would explain. */
async function lastLines(
  world: World,
  course: Course,
  { host, container }: Checked,
  signal: AbortSignal,
): Promise<string> {
  try {
    return await world.containers.lastLines(engineHost(course, host), container, lastLinesLimitBytes, signal);
  } catch (thrown) {
    return `(its log could not be read: ${SlipwayError.from(thrown).message})`;
  }
}
