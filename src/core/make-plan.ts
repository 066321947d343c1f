import type { Batch, HostSight, Plan, PlanInput, Refusal } from "#core/plan.ts";
import { quantityOfHosts } from "#core/quantity.ts";
import { imageReference } from "#core/release.ts";
import { type EnvironmentSpec, environmentSpecOf, type RolloutSpec } from "#core/service.ts";

/** Decides what a rollout will do, and refuses here whatever cannot work or is not safe. Touches nothing. */
export function makePlan(input: PlanInput): Plan {
  const { release, group, sights, environment, reason } = input;
  const spec = environmentSpecOf(release.environments, environment);
  const total = group.hosts.length;
  const batchSize = quantityOfHosts(spec.rollout.batch, total, "down");
  const minHealthy = spec.rollout.minHealthy
    ? quantityOfHosts(spec.rollout.minHealthy, total, "up")
    : Math.max(0, total - batchSize);
  const upToDate = sights.filter((sight) => isUpToDate(sight, input)).map((sight) => sight.host);
  const toVisit = inVisitingOrder(sights.filter((sight) => !upToDate.includes(sight.host)));
  const inService = sights.filter((sight) => sight.inService).length;
  const batches = cutIntoBatches(toVisit, batchSize, inService);
  const refusals = [
    ...refuseRelease(input, spec),
    ...refuseHosts(input),
    ...refuseCapacity(batches, minHealthy, inService),
  ];
  return {
    service: release.service,
    environment,
    release: release.number,
    image: imageReference(release.image),
    reason,
    batches,
    upToDate,
    minHealthy,
    inService,
    steps: describe(input, batches, spec),
    refusals,
  };
}

const isUpToDate = (sight: HostSight, { release, group }: PlanInput): boolean =>
  sight.release === release.number &&
  sight.digest === release.image.digest &&
  (sight.inService || group.balancers.length === 0);

/** Hosts that are out of service already go first: they cost no capacity, and may come back by it. */
const inVisitingOrder = (sights: readonly HostSight[]): readonly HostSight[] => [
  ...sights.filter((sight) => !sight.inService),
  ...sights.filter((sight) => sight.inService),
];

function cutIntoBatches(hosts: readonly HostSight[], size: number, inServiceAtFirst: number): readonly Batch[] {
  const batches: Batch[] = [];
  let inService = inServiceAtFirst;
  for (let at = 0; at < hosts.length; at += size) {
    const batch = hosts.slice(at, at + size);
    const inServiceMeanwhile = inService - batch.filter((host) => host.inService).length;
    batches.push({
      hosts: batch.map((host) => ({
        name: host.host,
        pull: !host.imagePresent,
        ...(host.release === undefined ? {} : { from: host.release }),
      })),
      inServiceMeanwhile,
    });
    inService = inServiceMeanwhile + batch.length;
  }
  return batches;
}

function refuseRelease(
  { release, environment, reason, sights, isProved }: PlanInput,
  spec: EnvironmentSpec,
): Refusal[] {
  const refusals: Refusal[] = [];
  if (!release.run.health)
    refusals.push({
      reason: `${release.service} has no health check, so a rolling rollout could not tell a good host from a bad one.`,
      advice: "Add `run.health: { path: /healthz }` to slipway.yaml.",
    });
  if (spec.promote && !isProved)
    refusals.push({
      reason: `Release ${release.number} was not proved in ${spec.promote.from}, which ${environment} asks for.`,
      advice: `Roll it out there first: \`slipway deploy ${release.service} ${spec.promote.from} ${release.number}\`.`,
    });
  const newest = Math.max(0, ...sights.map((sight) => sight.release ?? 0));
  if (reason !== "rollback" && newest > release.number)
    refusals.push({
      reason: `Release ${release.number} is older than release ${newest}, which runs in ${environment}.`,
      advice: `To go back on purpose: \`slipway rollback ${release.service} ${environment} ${release.number}\`.`,
    });
  return refusals;
}

function refuseHosts({ sights, release }: PlanInput): Refusal[] {
  const refusals: Refusal[] = [];
  for (const sight of sights) {
    if (sight.error)
      refusals.push({
        reason: `${sight.host}: ${sight.error.message}`,
        advice: sight.error.advice,
        error: sight.error,
      });
    if (sight.portTakenBy)
      refusals.push({
        reason: `${sight.host}: port ${release.run.port} is used by ${sight.portTakenBy}, which Slipway did not start.`,
        advice: "Stop what uses the port, or choose another `run.port`.",
      });
  }
  return refusals;
}

function refuseCapacity(batches: readonly Batch[], minHealthy: number, inService: number): Refusal[] {
  let before = inService;
  for (const [index, batch] of batches.entries()) {
    const takesOut = before - batch.inServiceMeanwhile;
    if (takesOut > 0 && batch.inServiceMeanwhile < minHealthy)
      return [
        {
          reason: `Batch ${index + 1} would leave ${batch.inServiceMeanwhile} of ${before} hosts in service; ${minHealthy} are asked for.`,
          advice: "Make `batch` smaller, lower `min_healthy`, or bring the hosts back that are out of service.",
        },
      ];
    before = batch.inServiceMeanwhile + batch.hosts.length;
  }
  return [];
}

function describe(
  { group, release, environment }: PlanInput,
  batches: readonly Batch[],
  spec: EnvironmentSpec,
): string[] {
  const hosts = batches.flatMap((batch) => batch.hosts);
  if (hosts.length === 0) return [`every host runs release ${release.number} already: nothing to do`];
  const pulls = hosts.filter((host) => host.pull).map((host) => host.name);
  return [
    ...(spec.promote?.approval ? ["wait for a person's approval"] : []),
    `lock ${environment}/${release.service} for this rollout`,
    ...(pulls.length > 0 ? [`pull ${release.image.digest.slice(0, 19)} on ${pulls.join(", ")}, in parallel`] : []),
    ...batches.flatMap((batch, index) => describeBatch(batch, index, { group, rollout: spec.rollout, release })),
    ...spec.verify.map((step) => `verify: ${step.name}`),
    "release the lock, announce, write the receipt",
  ];
}

type Telling = Pick<PlanInput, "group" | "release"> & { rollout: RolloutSpec };

function describeBatch(batch: Batch, index: number, { group, rollout, release }: Telling): string[] {
  const names = batch.hosts.map((host) => host.name).join(", ");
  const balancers = group.balancers.map((balancer) => balancer.name).join(", ");
  const health = release.run.health;
  const acts = [
    ...(balancers && rollout.drain
      ? [`drain at ${balancers}: wait until nothing is in flight, at most ${seconds(rollout.drainTimeoutMs)}`]
      : []),
    `replace: stop the old container (${release.run.stop.signal}, ${seconds(release.run.stop.timeoutMs)}), start release ${release.number}`,
    ...(health
      ? [`check ${health.path}: ${health.healthyAfter} good answers in a row, then ${seconds(health.stableMs)} stable`]
      : []),
    ...(release.run.smoke ? [`smoke test ${release.run.smoke.path}`] : []),
    ...(balancers ? [`admit at ${balancers}, and read it back`] : []),
    ...(rollout.bakeMs > 0 ? [`bake ${seconds(rollout.bakeMs)}`] : []),
  ];
  const head = `batch ${index + 1}: ${names} (${batch.inServiceMeanwhile} of ${group.hosts.length} in service meanwhile)`;
  return [head, ...acts.map((act) => `  ${act}`)];
}

const seconds = (ms: number): string => `${ms / 1000} s`;
