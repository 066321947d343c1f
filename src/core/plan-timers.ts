import { admitNeedMs } from "#core/admit-timeout.ts";
import type { Frame } from "#core/make-plan.ts";
import type { BalancerTiming, Refusal, Warning } from "#core/plan.ts";
import type { HealthSpec } from "#core/service.ts";

/** For so long every host would be out of service after it is well; nobody waits longer for a balancer. */
const longestAdmitMs = 10 * 60_000;
const longAdmitMs = 30_000;

/** Timers that cannot fit together, whatever the program does. */
export const refuseTimers = (frame: Frame): Refusal[] => [
  ...refuseHealth(frame),
  ...timingsOf(frame).flatMap((timing) => {
    const needMs = admitNeedMs(timing) ?? 0;
    if (needMs <= longestAdmitMs) return [];
    return [
      {
        reason: `${timing.balancer} needs ${seconds(needMs)} to admit a host that is well; it is waited for at most ${seconds(longestAdmitMs)}.`,
        advice: "Lower `inter` or `rise` of the balancer's check, and `check_interval` in fleet.yaml with it.",
      },
    ];
  }),
];

/** No program can prove itself healthy in less time than the proof takes. */
function refuseHealth({ input }: Frame): Refusal[] {
  const { health } = input.release.run;
  if (!health) return [];
  const neededMs = health.intervalMs * (health.healthyAfter - 1) + health.stableMs;
  if (neededMs < health.deadlineMs) return [];
  return [
    {
      reason: `The health check needs ${seconds(neededMs)} at best, and its deadline is ${seconds(health.deadlineMs)}.`,
      advice: "Raise `health.deadline`, or lower `healthy_after`, `interval` or `stable`.",
    },
  ];
}

/** Timers that were set in different files by different people, side by side; and what nobody could check. */
export const warnOfTimers = (frame: Frame): Warning[] =>
  frame.batches.length === 0
    ? []
    : [
        ...timingsOf(frame).flatMap((timing) => [...warnOfDrain(frame, timing), ...warnOfAdmit(timing)]),
        ...warnOfStop(frame),
        ...warnOfHealth(frame.input.release.run.health),
        ...uncheckedTimers(frame),
      ];

const timingsOf = ({ input }: Frame): readonly BalancerTiming[] => input.timings ?? [];

function warnOfDrain(
  { spec, input }: Frame,
  { balancer, longestRequestMs = 0, drainDelayMs = 0 }: BalancerTiming,
): Warning[] {
  const { drain, drainTimeoutMs, onDrainTimeout } = spec.rollout;
  const stopMs = input.release.run.stop.timeoutMs;
  const saw = `${balancer} has seen a request of ${seconds(longestRequestMs)}`;
  if (!drain)
    return longestRequestMs <= stopMs
      ? []
      : [{ message: `${saw}; without a drain it has ${seconds(stopMs)} to end.`, advice: "Set `drain: true`." }];
  const warnings: Warning[] = [];
  if (drainDelayMs > drainTimeoutMs)
    warnings.push({
      message: `${balancer} drains for ${seconds(drainDelayMs)} by its own rule; a drain waits ${seconds(drainTimeoutMs)}.`,
      advice: "Raise `drain_timeout` above it, or lower the balancer's own delay.",
    });
  if (onDrainTimeout === "fail" && longestRequestMs > drainTimeoutMs)
    warnings.push({
      message: `${saw}; a drain waits ${seconds(drainTimeoutMs)}.`,
      advice: "Raise `drain_timeout` above the longest request.",
    });
  if (onDrainTimeout === "stop" && longestRequestMs > drainTimeoutMs + stopMs)
    warnings.push({
      message: `${saw}; the drain and the stop together wait ${seconds(drainTimeoutMs + stopMs)}.`,
      advice: "Such a request is cut: raise `drain_timeout` or `run.stop.timeout`.",
    });
  return warnings;
}

function warnOfAdmit(timing: BalancerTiming): Warning[] {
  const needMs = admitNeedMs(timing) ?? 0;
  if (needMs <= longAdmitMs || needMs > longestAdmitMs) return [];
  return [
    {
      message: `${timing.balancer} needs ${seconds(needMs)} from a good check to traffic, for every host.`,
      advice: "Lower `inter` or `rise` of the balancer's check.",
    },
  ];
}

const warnOfStop = ({ spec, input }: Frame): Warning[] =>
  spec.rollout.onDrainTimeout === "stop" && input.release.run.stop.timeoutMs === 0
    ? [
        {
          message: "Connections that outlast the drain are closed by the program, and `stop.timeout` gives it no time.",
          advice: "Give `run.stop.timeout` some seconds.",
        },
      ]
    : [];

/** An answer may take as long as its own timeout, and the next question waits for it. */
function warnOfHealth(health: HealthSpec | undefined): Warning[] {
  if (!health || health.timeoutMs <= health.intervalMs) return [];
  const slowMs = health.timeoutMs * health.healthyAfter + health.stableMs;
  if (slowMs < health.deadlineMs) return [];
  return [
    {
      message: `Answers as slow as \`health.timeout\` allows (${seconds(health.timeoutMs)}) need ${seconds(slowMs)}, and the deadline is ${seconds(health.deadlineMs)}.`,
      advice: "Lower `health.timeout`, or raise `health.deadline`.",
    },
  ];
}

/** What a plan could not hold against anything is said: silence would look like a check that was good. */
function uncheckedTimers({ input, spec, batches }: Frame): Warning[] {
  const told = (input.timings ?? []).filter(({ untold }) => untold === undefined);
  const served = new Set(input.sights.filter(({ inService }) => inService).map(({ host }) => host));
  const isServing = batches.some(({ hosts }) => hosts.some(({ name }) => served.has(name)));
  return [
    ...(input.timings ?? []).flatMap(({ balancer, untold }) =>
      untold === undefined
        ? []
        : [{ message: `Could not check the timers of ${balancer}: ${untold}`, advice: "The plan was made without." }],
    ),
    ...unchecked(
      told.filter(({ checksToAdmit }) => checksToAdmit === undefined),
      {
        what: "whether hosts are admitted in time",
        why: "tells of no check of its servers",
        advice: "Add `check` to its servers: the balancer itself must see that a host is good.",
      },
    ),
    ...unchecked(
      told.filter((one) => one.checksToAdmit !== undefined && one.checkIntervalMs === undefined),
      {
        what: "whether hosts are admitted in time",
        why: "does not tell how often it checks",
        advice: "Set `check_interval` beside its `backend` in fleet.yaml: what `inter` is there.",
      },
    ),
    ...unchecked(
      told.filter((one) => isServing && spec.rollout.drain && one.longestRequestMs === undefined),
      {
        what: "`drain_timeout` against the longest request",
        why: "has not seen one since its start",
        advice: "Know your own longest request.",
      },
    ),
  ];
}

function unchecked(
  timings: readonly BalancerTiming[],
  { what, why, advice }: { what: string; why: string; advice: string },
): Warning[] {
  if (timings.length === 0) return [];
  const names = timings.map(({ balancer }) => balancer).join(", ");
  return [{ message: `Could not check ${what}: ${names} ${why}.`, advice }];
}

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;
