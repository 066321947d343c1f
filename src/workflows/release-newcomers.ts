import type { ServiceGroup } from "#core/fleet.ts";
import type { Batch } from "#core/plan.ts";
import { isCancel } from "#workflows/cancelled.ts";
import { engineHost, rolloutSpecOf, sightWish } from "#workflows/course.ts";
import { decide, type Ending } from "#workflows/decide.ts";
import { groupOf } from "#workflows/plan-rollout.ts";
import { pullOn } from "#workflows/prepare-hosts.ts";
import type { Releasing } from "#workflows/releasing.ts";
import { replaceHost } from "#workflows/replace-host.ts";
import type { World } from "#workflows/world.ts";

const lookTimeoutMs = 60_000;
/** A group that changes faster than this many looks is somebody's experiment; its hosts join by themselves later. */
const looks = 10;

/**
 * Hosts that were added to the group, or came back, while the rollout ran are on its release as well. One that fails is
 * left as it was found: nothing is wrong with the hosts that are on the release.
 */
export async function releaseNewcomers(releasing: Releasing): Promise<Ending | undefined> {
  for (let look = 0; look < looks; look++) {
    const { group, batch } = await newcomers(releasing);
    if (batch.hosts.length === 0) return undefined;
    releasing.widen(group);
    const { failed } = await pullOn(
      releasing,
      batch.hosts.map(({ name }) => name),
    );
    releasing.leaveAlone(failed);
    const ending = await releasing.batch(batch, replaceHost, async (_, failure) =>
      isCancel(failure.error) ? decide(releasing, failure) : "leave-out",
    );
    if (ending && (ending.kind !== "put-back" || isCancel(ending.error))) return ending;
    // It could not be left as it was found either: it is shown as drifted, and put back with the others if they are.
    if (ending) releasing.leaveAlone(batch.hosts.map(({ name }) => name));
  }
  return undefined;
}

type Newcomers = { readonly group: ServiceGroup; readonly batch: Batch };

const newcomers = (releasing: Releasing): Promise<Newcomers> => {
  const { run, world, course, visited, excluded } = releasing;
  if (course.reason === "join" || course.reason === "correct" || course.plan.strategy === "blue-green")
    return Promise.resolve({ group: course.group, batch: noBatch });
  return run.step(`look for newcomers ${releasing.nextName()}`, lookTimeoutMs, async (signal) => {
    const { group } = groupInForce(world, course);
    const known = new Set([...course.plan.upToDate, ...visited.map(({ host }) => host), ...excluded]);
    const hosts = [];
    for (const host of group.hosts) {
      if (known.has(host.name) || !(await canBeReached(releasing, host, signal))) continue;
      hosts.push({ name: host.name, pull: true });
    }
    return { group, batch: { hosts: hosts.slice(0, batchSize(releasing)), inServiceMeanwhile: group.hosts.length } };
  });
};

const noBatch: Batch = { hosts: [], inServiceMeanwhile: 0 };

const batchSize = ({ course }: Releasing): number => {
  const { batch } = rolloutSpecOf(course);
  return "hosts" in batch ? batch.hosts : Math.max(1, course.plan.batches[0]?.hosts.length ?? 1);
};

/** A group that was taken out of fleet.yaml meanwhile is finished as it was. */
function groupInForce(world: World, course: Releasing["course"]) {
  const group = world.fleet().environments[course.environment]?.services[course.release.service];
  return group ? groupOf(world, course.release.service, course.environment) : course;
}

async function canBeReached(
  { world, course }: Releasing,
  host: ServiceGroup["hosts"][number],
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await world.containers.look(engineHost(course, host), sightWish(course), signal);
    return true;
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    return false;
  }
}
