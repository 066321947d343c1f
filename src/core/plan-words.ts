import { formatBytes } from "#core/bytes.ts";
import type { Frame } from "#core/make-plan.ts";
import type { Batch, PlannedHost } from "#core/plan.ts";

/** The exact sequence of a rollout in words, one line an act; lines of a batch are set in. */
export function describePlan(frame: Frame): string[] {
  const { input, batches, spec, strategy } = frame;
  const { release, environment } = input;
  const hosts = batches.flatMap((batch) => batch.hosts);
  if (hosts.length === 0) return [`every host runs release ${release.number} already: nothing to do`];
  const pulls = hosts.filter((host) => host.pull).map(describePull);
  const isOfSome = input.reason === "join" || input.reason === "correct";
  return [
    ...(spec.promote?.approval && !isOfSome ? ["wait for a person's approval"] : []),
    `lock ${environment}/${release.service} for this rollout`,
    ...(input.holds ?? []).map((hold) => `hold ${hold}`),
    ...describeLifts(frame),
    ...(pulls.length > 0 ? [`pull ${release.image.digest.slice(0, 19)} on ${pulls.join(", ")}, in parallel`] : []),
    ...batches.flatMap((batch, index) => [
      ...describeBatch(frame, batch, index),
      ...(index === 0 && strategy === "canary" ? describeCanary(frame) : []),
    ]),
    ...(strategy === "blue-green" ? describeSwitch(frame) : []),
    ...(input.reason === "join" ? [] : spec.verify.map((step) => `verify: ${step.name}`)),
    "release what is held, announce, write the receipt",
  ];
}

function describeLifts({ input: { reason, onlyHosts = [], sights } }: Frame): string[] {
  const lifted = sights.filter(
    ({ host, isSetAside }) => reason === "correct" && isSetAside && onlyHosts.includes(host),
  );
  return lifted.map(({ host }) => `let ${host} serve again, which somebody had taken out at the balancer`);
}

const describePull = ({ name, pullBytes }: PlannedHost): string =>
  pullBytes === undefined ? name : `${name} (${formatBytes(pullBytes)})`;

function describeBatch(frame: Frame, batch: Batch, index: number): string[] {
  const { input, spec, strategy } = frame;
  const { group, release } = input;
  const names = batch.hosts.map((host) => host.name).join(", ");
  const balancers = balancersIn(frame);
  const isBeside = strategy === "blue-green";
  const { rollout } = spec;
  const acts = [
    ...(balancers && rollout.drain && !isBeside
      ? [`drain at ${balancers}: wait until nothing is in flight, at most ${seconds(rollout.drainTimeoutMs)}`]
      : []),
    isBeside
      ? `start release ${release.number} beside the old container, at the other port`
      : `replace: stop the old container (${release.run.stop.signal}, ${seconds(release.run.stop.timeoutMs)}), start release ${release.number}`,
    ...describeCheck(frame),
    ...(balancers && !isBeside ? [`admit at ${balancers}, and read it back`] : []),
    ...(rollout.bakeMs > 0 && !isBeside && input.reason !== "rollback" ? [`bake ${seconds(rollout.bakeMs)}`] : []),
  ];
  const head = `batch ${index + 1}: ${names} (${batch.inServiceMeanwhile} of ${group.hosts.length} in service meanwhile)`;
  return [head, ...acts.map((act) => `  ${act}`)];
}

function describeCheck({ input }: Frame): string[] {
  const { health, smoke } = input.release.run;
  return [
    health
      ? `check ${health.path}: ${health.healthyAfter} good answers in a row, then ${seconds(health.stableMs)} stable`
      : "check that the container goes on running",
    ...(smoke ? [`smoke test ${smoke.path}`] : []),
  ];
}

function describeCanary({ spec }: Frame): string[] {
  const { canary } = spec.rollout;
  if (!canary) return [];
  const measures = [
    `at most ${canary.maxErrorPercent} % of at least ${canary.minRequests} answers failed`,
    ...canary.queries.map(({ name }) => name),
    ...canary.commands.map(({ name }) => name),
  ];
  return [`  canary: watch ${seconds(canary.bakeMs)}, then judge: ${measures.join("; ")}`];
}

function describeSwitch(frame: Frame): string[] {
  const { bakeMs } = frame.spec.rollout;
  return [
    `switch at ${balancersIn(frame)}: admit every new container, then drain every old one`,
    ...(bakeMs > 0 ? [`  bake ${seconds(bakeMs)}, the old containers ready to return`] : []),
    "  stop the old containers when all else was good",
  ];
}

const balancersIn = ({ input }: Frame): string => input.group.balancers.map((balancer) => balancer.name).join(", ");

const seconds = (ms: number): string => `${ms / 1000} s`;
