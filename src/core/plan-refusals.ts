import type { Frame } from "#core/make-plan.ts";
import type { PlanInput, Refusal } from "#core/plan.ts";
import { refuseTimers } from "#core/plan-timers.ts";
import { refuseHosts } from "#core/refuse-hosts.ts";
import { isSwitchedOff } from "#core/switched-off.ts";

/** Why the rollout must not start, each with what to do about it; none when it may. */
export const refusalsOf = (frame: Frame): Refusal[] => [
  ...refuseLock(frame.input),
  ...refuseRelease(frame),
  ...refuseSecrets(frame.input),
  ...refuseStrategy(frame),
  ...refuseUnchecked(frame),
  ...refuseTimers(frame),
  ...refuseHosts(frame),
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

/** Only a worker may be judged by its going on to run. */
function refuseUnchecked({ input, strategy }: Frame): Refusal[] {
  const isWorker = strategy === "all-at-once" && input.group.balancers.length === 0;
  if (input.release.run.health || isWorker) return [];
  return [
    {
      reason: `${input.release.service} has no health check, so a rollout could not tell a good host from a bad one.`,
      advice: "Add `run.health: { path: /healthz }` to slipway.yaml.",
    },
  ];
}

const refuseSecrets = ({ missingSecrets = [] }: PlanInput): Refusal[] =>
  missingSecrets.map((error) => ({ reason: error.message, advice: error.advice, error }));

function refuseCapacity({ input, batches, minHealthy, strategy }: Frame): Refusal[] {
  if (strategy === "blue-green") return [];
  const off = new Set(input.sights.filter(isSwitchedOff).map(({ host }) => host));
  let before = input.sights.filter((sight) => sight.inService).length;
  for (const [index, batch] of batches.entries()) {
    const takesOut = before - batch.inServiceMeanwhile;
    if (takesOut > 0 && batch.inServiceMeanwhile < minHealthy)
      return [
        {
          reason: `Batch ${index + 1} would leave ${batch.inServiceMeanwhile} of ${before} hosts in service; ${minHealthy} are asked for.`,
          advice:
            batch.inServiceMeanwhile === 0
              ? "Make `batch` smaller, or use `strategy: blue-green`. `min_healthy: 0` lets the service be away meanwhile."
              : "Make `batch` smaller, lower `min_healthy`, or bring the hosts back that are out of service.",
        },
      ];
    before = batch.inServiceMeanwhile + batch.hosts.filter(({ name }) => !off.has(name)).length;
  }
  return [];
}
