import { SlipwayError } from "#core/errors.ts";
import type { HostEnd } from "#core/rollout.ts";
import { outcomeOf } from "#engine/acts.ts";
import { act, type Doing } from "#workflows/act.ts";
import { admitHost, bakeHost, drainHost, leavePlace } from "#workflows/balancing.ts";
import { checkOnce, complaintOf } from "#workflows/checking.ts";
import { hostNamed, hostTurn, placeAt, rolloutSpecOf } from "#workflows/course.ts";
import { decide, type Ending } from "#workflows/decide.ts";
import type { Releasing } from "#workflows/releasing.ts";
import { admitTimeoutMs, graceMs, replaceTimeoutMs } from "#workflows/replace-host.ts";
import { containerAt, startBeside } from "#workflows/start-beside.ts";
import type { Strategy } from "#workflows/strategies/strategy.ts";

/** A new container beside every old one, one switch at the balancers, the old ones kept until all is well. */
export const blueGreen: Strategy = {
  async release(releasing) {
    const [batch] = releasing.course.plan.batches;
    if (!batch) return undefined;
    return (await releasing.batch(batch, startBeside)) ?? (await switchOver(releasing));
  },
  settle: (releasing) => stopOld(releasing),
};

/** The new places serve and the old ones are drained, read back, and it stayed well for the bake. */
async function switchOver(releasing: Releasing): Promise<Ending | undefined> {
  const { run, world, course } = releasing;
  const { bakeMs, drainTimeoutMs } = rolloutSpecOf(course);
  const timeoutMs = admitTimeoutMs + drainTimeoutMs + bakeMs + 2 * graceMs;
  const place = { rolloutId: course.rolloutId, step: "switch" as const };
  for (;;) {
    const doing = async (doing: Doing) => {
      await eachHost(releasing, (end) => admitNew(releasing, end, doing));
      await eachHost(releasing, (end) => drainOld(releasing, end, doing));
      await eachHost(releasing, (end) => bakeNew(releasing, end, doing));
    };
    const outcome = await outcomeOf(act(run, world, place, { timeoutMs, doing }));
    if (outcome.ok) return undefined;
    const choices = ["retry", "put-back", "roll-back", "abort"] as const;
    const decision = await decide(releasing, { why: "failure", hosts: [], error: outcome.error, choices });
    if (typeof decision !== "string") return decision;
  }
}

/** All side by side; every one has ended when it rejects with the first failure. */
async function eachHost({ visited }: Releasing, doing: (end: HostEnd) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(visited.map(doing));
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw SlipwayError.from(failed.reason);
}

async function newPlace({ world, course }: Releasing, end: HostEnd, signal: AbortSignal) {
  const host = placeAt(course, hostNamed(course, end.host), end.port);
  return { host, container: await containerAt(world, course, end, signal), release: course.release, port: end.port };
}

async function admitNew(releasing: Releasing, end: HostEnd, doing: Doing): Promise<void> {
  const { world, course } = releasing;
  const what = await newPlace(releasing, end, doing.signal);
  await checkOnce(world, course, what, doing.signal);
  await admitHost(world, course, what.host, doing);
}

async function drainOld({ world, course }: Releasing, end: HostEnd, doing: Doing): Promise<void> {
  const port = end.previousPort;
  if (port === undefined || port === end.port) return;
  const host = placeAt(course, hostNamed(course, end.host), port);
  await drainHost(world, course, host, { ...doing, spec: rolloutSpecOf(course) });
}

async function bakeNew(releasing: Releasing, end: HostEnd, doing: Doing): Promise<void> {
  const { world, course } = releasing;
  const what = await newPlace(releasing, end, doing.signal);
  const look = (signal: AbortSignal) => complaintOf(world, course, what, signal);
  await bakeHost(world, course, { host: what.host, bakeMs: rolloutSpecOf(course).bakeMs, look }, doing);
}

/** The old containers are stopped and kept; their places serve nobody because nothing runs there. */
async function stopOld(releasing: Releasing): Promise<void> {
  const { run, world, course } = releasing;
  const stop = async (end: HostEnd, doing: Doing) => {
    if (end.previousPort === undefined || end.previousPort === end.port) return;
    const host = hostNamed(course, end.host);
    for (const name of end.previous)
      await world.containers.stop(hostTurn(course, host, doing.turn), name, course.release.run.stop, doing.signal);
    await leavePlace(world, course, placeAt(course, host, end.previousPort), doing);
  };
  const doing = async (doing: Doing) => {
    const results = await Promise.allSettled(releasing.visited.map((end) => stop(end, doing)));
    for (const [index, result] of results.entries())
      if (result.status === "rejected")
        doing.progress(`${releasing.visited[index]?.host}: ${SlipwayError.from(result.reason).message}`);
  };
  const place = { rolloutId: course.rolloutId, step: "switch" as const };
  await outcomeOf(act(run, world, place, { timeoutMs: replaceTimeoutMs(course) + graceMs, doing }));
}
