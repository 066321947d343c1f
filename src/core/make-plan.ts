import { admitTimeoutFor } from "#core/admit-timeout.ts";
import type { ErrorRecord } from "#core/errors.ts";
import { expectedSeconds } from "#core/expected-seconds.ts";
import type { Batch, HostSight, Plan, PlanInput, PlannedHost } from "#core/plan.ts";
import { refusalsOf } from "#core/plan-refusals.ts";
import { warningsOf } from "#core/plan-warnings.ts";
import { describePlan } from "#core/plan-words.ts";
import { quantityOfHosts } from "#core/quantity.ts";
import { imageReference } from "#core/release.ts";
import { defaultEnvironment, type EnvironmentSpec, environmentSpecOf, type StrategyName } from "#core/service.ts";
import { isSwitchedOff } from "#core/switched-off.ts";

/** What is decided before the batches are cut. */
export type Frame = {
  readonly input: PlanInput;
  readonly spec: EnvironmentSpec;
  readonly strategy: StrategyName;
  readonly minHealthy: number;
  readonly batches: readonly Batch[];
  /** Hosts that cannot be reached and are left out. */
  readonly skipped: readonly string[];
};

/** Decides what a rollout will do, and refuses here whatever cannot work or is not safe. Touches nothing. */
export function makePlan(input: PlanInput): Plan {
  const { release, sights, environment, reason, timings = [] } = input;
  const skipped = skippedHosts(input);
  const upToDate = sights.filter((sight) => isUpToDate(sight, input)).map((sight) => sight.host);
  const inService = sights.filter((sight) => sight.inService).length;
  const toVisit = sights.filter(
    ({ host }) => isWanted(host, input) && !upToDate.includes(host) && !skipped.includes(host),
  );
  const frame = frameOf(input, { toVisit: inVisitingOrder(toVisit, input.inherited ?? []), inService, skipped });
  const seconds = expectedSeconds(frame);
  return {
    service: release.service,
    environment,
    release: release.number,
    image: imageReference(release.image),
    reason,
    strategy: frame.strategy,
    batches: frame.batches,
    upToDate,
    minHealthy: frame.minHealthy,
    inService,
    skipped,
    ...liftsOf(input, toVisit),
    holds: [`environment lock ${environment}/${release.service}`, ...(input.holds ?? [])],
    warnings: warningsOf(frame),
    ...(seconds === undefined ? {} : { expectedSeconds: seconds }),
    admitTimeoutMs: admitTimeoutFor(timings),
    steps: describePlan(frame),
    refusals: refusalsOf(frame),
  };
}

/** The environment's wish, every key filled in: a release that an earlier version recorded knows fewer. */
export function planSpecOf({ release, environment }: Pick<PlanInput, "release" | "environment">): EnvironmentSpec {
  const spec = environmentSpecOf(release.environments, environment);
  return { ...spec, rollout: { ...defaultEnvironment.rollout, ...spec.rollout } };
}

type Seen = {
  readonly toVisit: readonly HostSight[];
  readonly inService: number;
  readonly skipped: readonly string[];
};

/**
 * Shares are of the hosts that can be reached and that nobody has switched off: one that is away for a week must not
 * stop every rollout.
 */
function frameOf(input: PlanInput, { toVisit, inService, skipped }: Seen): Frame {
  const spec = planSpecOf(input);
  const { rollout } = spec;
  const off = input.sights.filter((sight) => isSwitchedOff(sight) && !skipped.includes(sight.host));
  const reached = input.group.hosts.length - skipped.length;
  const eligible = reached - off.length;
  const strategy = strategyFor(input, rollout.strategy);
  const size = quantityOfHosts(rollout.batch, eligible, "down");
  const first =
    strategy === "canary" && rollout.canary ? quantityOfHosts(rollout.canary.hosts, eligible, "down") : size;
  const isOneBatch = strategy === "blue-green" || strategy === "all-at-once";
  const sizes = isOneBatch ? { first: reached, size: reached } : { first, size };
  const usual = usualMinimum(input, { strategy, eligible, largest: Math.max(first, size) });
  const minHealthy = rollout.minHealthy ? quantityOfHosts(rollout.minHealthy, eligible, "up") : usual;
  return {
    input,
    spec,
    strategy,
    minHealthy,
    batches: cutIntoBatches(toVisit, sizes, { inService, strategy }),
    skipped,
  };
}

/** All but one batch; never none, unless the group has but one host or the strategy is for workers. */
function usualMinimum(
  { group }: PlanInput,
  { strategy, eligible, largest }: { strategy: StrategyName; eligible: number; largest: number },
): number {
  if (strategy === "all-at-once") return 0;
  return Math.max(group.hosts.length > 1 ? 1 : 0, eligible - largest);
}

/** A roll back skips the canary, and hosts that join or are put right go one by one. */
function strategyFor({ reason }: PlanInput, wanted: StrategyName): StrategyName {
  if (reason === "join" || reason === "correct") return wanted === "all-at-once" ? wanted : "rolling";
  return reason === "rollback" && wanted === "canary" ? "rolling" : wanted;
}

const isWanted = (host: string, { onlyHosts }: PlanInput): boolean => !onlyHosts || onlyHosts.includes(host);

function skippedHosts(input: PlanInput): readonly string[] {
  const { rollout } = planSpecOf(input);
  const isOut = ({ host, error, inService }: HostSight) =>
    // A host that others need to be joined must be there; one that still serves must not be left behind unseen.
    error !== undefined &&
    !isOfBalancer(error) &&
    !inService &&
    // Nobody waits for a host that is away while a bad release serves.
    (rollout.onUnreachable === "skip" || input.reason === "rollback" || !isWanted(host, input));
  return input.sights.filter(isOut).map(({ host }) => host);
}

/** Which says nothing of the host, and everything of what must not be touched now. */
const isOfBalancer = ({ code }: ErrorRecord): boolean => code.startsWith("balancer.");

const isUpToDate = (sight: HostSight, { release, ...input }: PlanInput): boolean =>
  sight.release === release.number &&
  sight.digest === release.image.digest &&
  (sight.inService || isLeftAside(sight, input));

/** What somebody took out on purpose is put right where it is named, and is no drift of its own. */
const isLeftAside = ({ isSetAside }: HostSight, { reason, onlyHosts }: Pick<PlanInput, "reason" | "onlyHosts">) =>
  reason === "correct" && onlyHosts === undefined && isSetAside === true;

const liftsOf = ({ reason, onlyHosts }: PlanInput, toVisit: readonly HostSight[]): Pick<Plan, "lifts"> =>
  reason === "correct" && onlyHosts ? { lifts: toVisit.map(({ host }) => host) } : {};

/**
 * Hosts that are out of service already go first: they cost no capacity, and may come back by it. Hosts that an
 * unfinished rollout has changed go last: the fewest releases stand side by side.
 */
const inVisitingOrder = (sights: readonly HostSight[], inherited: readonly string[]): readonly HostSight[] => {
  const rank = ({ inService, host }: HostSight) => (inService ? (inherited.includes(host) ? 2 : 1) : 0);
  return sights.toSorted((a, b) => rank(a) - rank(b));
};

type InService = { readonly inService: number; readonly strategy: StrategyName };

function cutIntoBatches(
  hosts: readonly HostSight[],
  { first, size }: { first: number; size: number },
  { inService: atFirst, strategy }: InService,
): readonly Batch[] {
  const batches: Batch[] = [];
  let inService = atFirst;
  for (let at = 0; at < hosts.length; at += at === 0 ? first : size) {
    const batch = hosts.slice(at, at + (at === 0 ? first : size));
    const takenOut = strategy === "blue-green" ? 0 : batch.filter((host) => host.inService).length;
    batches.push({
      hosts: batch.map((host) => ({
        name: host.host,
        pull: !host.imagePresent,
        ...(host.imagePresent ? {} : pullOf(host)),
        ...(host.release === undefined ? {} : { from: host.release }),
      })),
      inServiceMeanwhile: inService - takenOut,
    });
    inService += batch.filter((host) => !host.inService && !isSwitchedOff(host)).length;
  }
  return batches;
}

const pullOf = ({ pullBytes, disk }: HostSight): Partial<PlannedHost> => ({
  ...(pullBytes === undefined ? {} : { pullBytes }),
  ...(disk ? { freeBytes: disk.freeBytes } : {}),
});
