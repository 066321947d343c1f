import type { Frame } from "#core/make-plan.ts";
import type { Warning } from "#core/plan.ts";

const fullPercent = 90;

/** What is allowed and yet worth a look before it begins. */
export const warningsOf = (frame: Frame, skipped: readonly string[]): Warning[] => [
  ...warnOfTimers(frame),
  ...warnOfDisks(frame),
  ...(skipped.length > 0
    ? [
        {
          message: `${skipped.join(", ")} cannot be reached and will be left out.`,
          advice: "Each joins by itself when it is back.",
        },
      ]
    : []),
];

/** Timers that were set in different files by different people, side by side. */
function warnOfTimers({ input, spec, strategy }: Frame): Warning[] {
  const { drainTimeoutMs, drain, onDrainTimeout } = spec.rollout;
  const { health, stop } = input.release.run;
  const warnings: Warning[] = [];
  for (const { balancer, longestRequestMs, admitMs } of input.timings ?? []) {
    if (drain && longestRequestMs !== undefined && longestRequestMs > drainTimeoutMs)
      warnings.push({
        message: `${balancer} has seen a request of ${seconds(longestRequestMs)}; a drain waits ${seconds(drainTimeoutMs)}.`,
        advice:
          onDrainTimeout === "stop" ? "Such a request is cut." : "Raise `drain_timeout` above the longest request.",
      });
    if (admitMs !== undefined && admitMs > longAdmitMs)
      warnings.push({
        message: `${balancer} needs ${seconds(admitMs)} from a good check to traffic, for every host.`,
        advice: "Lower `inter` or `rise` of the balancer's check.",
      });
  }
  if (onDrainTimeout === "stop" && stop.timeoutMs === 0)
    warnings.push({
      message: "Connections that outlast the drain are closed by the program, and `stop.timeout` gives it no time.",
      advice: "Give `run.stop.timeout` some seconds.",
    });
  if (health && health.timeoutMs > health.deadlineMs)
    warnings.push({
      message: `One health answer may take ${seconds(health.timeoutMs)}, longer than the whole deadline of ${seconds(health.deadlineMs)}.`,
      advice: "Lower `health.timeout`.",
    });
  if (strategy === "canary" && input.group.balancers.length === 0)
    warnings.push({
      message: "Without a balancer nobody counts the canary's answers: the rollout will pause for a person.",
      advice: "Add queries or a balancer, or use `strategy: rolling`.",
    });
  return warnings;
}

const longAdmitMs = 30_000;

const warnOfDisks = ({ input }: Frame): Warning[] =>
  input.sights.flatMap(({ host, disk }) => {
    const used = disk && 100 - (100 * disk.freeBytes) / Math.max(1, disk.totalBytes);
    if (used === undefined || used < fullPercent) return [];
    return [
      {
        message: `${host}: the disk is ${Math.round(used)} % full.`,
        advice: "A full disk fails one of the next pulls.",
      },
    ];
  });

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;
