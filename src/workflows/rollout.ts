import { type ErrorRecord, SlipwayError } from "#core/errors.ts";
import type { Receipt } from "#core/receipt.ts";
import type { Run, Workflow } from "#engine/run.ts";
import { announce } from "#workflows/announce.ts";
import type { Course } from "#workflows/course.ts";
import { endRollout, endUntouched } from "#workflows/end-rollout.ts";
import { prepareHosts } from "#workflows/prepare-hosts.ts";
import { putBackHost } from "#workflows/put-back-host.ts";
import { type HostEnd, replaceHost } from "#workflows/replace-host.ts";
import {
  beginRollout,
  isCancelled,
  planCourse,
  refuseLostCapacity,
  waitForApproval,
} from "#workflows/rollout-gates.ts";
import { releaseHolds, takeHolds } from "#workflows/rollout-holds.ts";
import { type TrafficWatch, trafficWatch } from "#workflows/traffic.ts";
import { verifyEnvironment } from "#workflows/verify-environment.ts";
import type { World } from "#workflows/world.ts";

/** Moves one service in one environment to a release. The runbook; every line is one recorded act or a few. */
export const rollout = (world: World): Workflow<{ rolloutId: string }, void> => ({
  name: "rollout",
  async run(run, { rolloutId }) {
    if (!(await beginRollout(run, world, rolloutId))) return;
    const course = await planCourse(run, world, rolloutId);
    if ("error" in course) return endUntouched(run, world, rolloutId, course.error);
    await announce(run, world, { rolloutId, event: "started" });
    const unapproved = await waitForApproval(run, world, course);
    if (unapproved) return endUntouched(run, world, rolloutId, unapproved);
    await takeHolds(run, world, course);
    const traffic = trafficWatch(run, world, course);
    const visited: HostEnd[] = [];
    const error = await attempt(async () => {
      await prepareHosts(run, world, course);
      await traffic.start();
      await releaseBatches(run, world, course, { visited, traffic });
      await verifyEnvironment(run, world, course);
    });
    const stuck = error && (await putBack(run, world, course, visited));
    await releaseHolds(run, world, course);
    await traffic.stop();
    await endRollout(run, world, { course, outcome: outcomeOf(error, stuck), error: stuck ?? error });
    await announce(run, world, { rolloutId, event: error ? (stuck ? "failed" : "put-back") : "succeeded" });
  },
});

/** One batch after the other; the gate between them is the only place where a person's wish is looked at. */
async function releaseBatches(
  run: Run,
  world: World,
  course: Course,
  { visited, traffic }: { visited: HostEnd[]; traffic: TrafficWatch },
): Promise<void> {
  for (const [index, batch] of course.plan.batches.entries()) {
    if (await isCancelled(run, world, course, index)) throw cancelled(course);
    await refuseLostCapacity(run, world, course, index);
    const ends = await replaceBatch(
      run,
      world,
      course,
      batch.hosts.map((host) => host.name),
    );
    visited.push(...ends);
    const failed = ends.find((end) => end.error);
    if (failed?.error) throw SlipwayError.fromRecord(failed.error);
    await traffic.startAfterFirst(index);
  }
}

/** All hosts of the batch side by side; every one has ended when it resolves, also when one failed early. */
async function replaceBatch(run: Run, world: World, course: Course, hosts: readonly string[]): Promise<HostEnd[]> {
  const children = [];
  for (const host of hosts)
    children.push(await run.child(replaceHost(world), `${course.rolloutId}/${host}/forward`, { course, host }));
  const ends = [];
  for (const child of children) ends.push(await child.result());
  return ends;
}

/** Newest first: the host that failed is the one that is out. Resolves with what is still wrong, if anything is. */
async function putBack(
  run: Run,
  world: World,
  course: Course,
  visited: readonly HostEnd[],
): Promise<ErrorRecord | undefined> {
  let stuck: ErrorRecord | undefined;
  for (const end of visited.toReversed()) {
    const child = await run.child(putBackHost(world), `${course.rolloutId}/${end.host}/back`, { course, end });
    const { error } = await child.result();
    stuck ??= error;
  }
  return stuck;
}

async function attempt(acts: () => Promise<void>): Promise<ErrorRecord | undefined> {
  try {
    await acts();
    return undefined;
  } catch (thrown) {
    return SlipwayError.from(thrown).toRecord();
  }
}

const cancelled = ({ rolloutNumber }: Course): SlipwayError =>
  new SlipwayError(
    "rollout.cancelled",
    `Rollout ${rolloutNumber} was cancelled; the hosts it had changed were put back.`,
  );

const outcomeOf = (error: ErrorRecord | undefined, stuck: ErrorRecord | undefined): Receipt["outcome"] =>
  stuck ? "stuck" : error ? "failed" : "succeeded";
