import type { Frame } from "#core/make-plan.ts";
import type { HostSight, PlanInput, Refusal } from "#core/plan.ts";

/** Why the rollout must not start, each with what to do about it; none when it may. */
export const refusalsOf = (frame: Frame, skipped: readonly string[]): Refusal[] => [
  ...refuseLock(frame.input),
  ...refuseRelease(frame),
  ...refuseStrategy(frame),
  ...refuseHealth(frame),
  ...refuseHosts(frame, skipped),
  ...refuseCapacity(frame),
];

const refuseLock = ({ lockedBy, release, environment }: PlanInput): Refusal[] =>
  lockedBy === undefined
    ? []
    : [
        {
          reason: `${environment} is locked for ${release.service} by ${lockedBy}.`,
          advice: `Wait for its end, or \`slipway unlock ${release.service} ${environment}\`.`,
        },
      ];

function refuseRelease({ input, spec }: Frame): Refusal[] {
  const { release, environment, reason, sights, isProved } = input;
  const refusals: Refusal[] = [];
  if (spec.promote && !isProved && reason !== "rollback")
    refusals.push({
      reason: `Release ${release.number} was not proved in ${spec.promote.from}, which ${environment} asks for.`,
      advice: `Roll it out there first: \`slipway deploy ${release.service} ${spec.promote.from} ${release.number}\`.`,
    });
  const isForward = reason === "commit" || reason === "deploy";
  const newest = Math.max(0, ...sights.map((sight) => sight.release ?? 0));
  if (isForward && newest > release.number)
    refusals.push({
      reason: `Release ${release.number} is older than release ${newest}, which runs in ${environment}.`,
      advice: `To go back on purpose: \`slipway rollback ${release.service} ${environment} ${release.number}\`.`,
    });
  return refusals;
}

function refuseStrategy({ input, strategy, spec }: Frame): Refusal[] {
  const { group, release } = input;
  if (strategy === "all-at-once" && group.balancers.length > 0)
    return [
      {
        reason: "all-at-once would take every host behind a balancer out of service together.",
        advice: "Use `strategy: rolling` or `blue-green`; all-at-once is for workers without a balancer.",
      },
    ];
  if (strategy === "blue-green" && (!group.blueGreen || group.balancers.length === 0))
    return [
      {
        reason: "blue-green needs a balancer and a second place on every host.",
        advice: "Give the group `blue_green: { port: 8081 }` in fleet.yaml, and the balancer a second server per host.",
      },
    ];
  if (strategy === "blue-green" && release.run.network === "host")
    return [
      {
        reason: "blue-green publishes the second container at another port, which the network `host` cannot do.",
        advice: "Use `network: bridge` in slipway.yaml, or `strategy: rolling`.",
      },
    ];
  if (strategy === "canary" && (spec.rollout.canary?.queries.length ?? 0) > 0 && !input.hasPrometheus)
    return [
      {
        reason: `The canary has queries, and fleet.yaml names no Prometheus for ${input.environment}.`,
        advice: "Add `prometheus: http://...` to the environment in fleet.yaml, or remove the queries.",
      },
    ];
  return [];
}

/** No program can prove itself healthy in less time than the proof takes. */
function refuseHealth({ input, strategy }: Frame): Refusal[] {
  const { health } = input.release.run;
  if (!health) {
    const isWorker = strategy === "all-at-once" && input.group.balancers.length === 0;
    if (isWorker) return [];
    return [
      {
        reason: `${input.release.service} has no health check, so a rollout could not tell a good host from a bad one.`,
        advice: "Add `run.health: { path: /healthz }` to slipway.yaml.",
      },
    ];
  }
  const neededMs = health.intervalMs * (health.healthyAfter - 1) + health.stableMs;
  if (neededMs < health.deadlineMs) return [];
  return [
    {
      reason: `The health check needs ${seconds(neededMs)} at best, and its deadline is ${seconds(health.deadlineMs)}.`,
      advice: "Raise `health.deadline`, or lower `healthy_after`, `interval` or `stable`.",
    },
  ];
}

function refuseHosts({ input }: Frame, skipped: readonly string[]): Refusal[] {
  return input.sights.filter(({ host }) => !skipped.includes(host)).flatMap((sight) => refuseHost(sight, input));
}

function refuseHost({ host, error, portTakenBy, imagePresent, disk }: HostSight, input: PlanInput): Refusal[] {
  const refusals: Refusal[] = [];
  if (error) refusals.push({ reason: `${host}: ${error.message}`, advice: error.advice, error });
  if (portTakenBy)
    refusals.push({
      reason: `${host}: port ${input.release.run.port} is used by ${portTakenBy}, which Slipway did not start.`,
      advice: "Stop what uses the port, or choose another `run.port`.",
    });
  const needed = 2 * (input.imageBytes ?? 0);
  if (disk && !imagePresent && disk.freeBytes < needed)
    refusals.push({
      reason: `${host}: ${gib(disk.freeBytes)} of disk is free; the image needs ${gib(needed)} while it is unpacked.`,
      advice: "Free space where the engine keeps its images, then plan again.",
    });
  return refusals;
}

function refuseCapacity({ input, batches, minHealthy, strategy }: Frame): Refusal[] {
  if (strategy === "blue-green") return [];
  let before = input.sights.filter((sight) => sight.inService).length;
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

const seconds = (ms: number): string => `${ms / 1000} s`;
const gib = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
