import { z } from "zod";
import { rolloutReasons } from "#core/rollout.ts";
import type { RolloutSpec, RunSpec } from "#core/service.ts";
import type { Program } from "#simulator/program.ts";
import type { EngineTimes } from "#simulator/simulated-containers.ts";

const event = z.object({
  at: z.string(),
  step: z.string(),
  phase: z.enum(["started", "progress", "succeeded", "failed"]),
  host: z.string().optional(),
  direction: z.string().optional(),
  message: z.string().optional(),
  error: z.object({ code: z.string(), host: z.string().optional() }).optional(),
});
const host = z.object({ name: z.string(), from: z.number().optional() });

/** As much of what `slipway export` writes as a rehearsal reads. */
export const recordedShape = z.object({
  version: z.literal(1),
  rollout: z.object({
    number: z.number(),
    service: z.string(),
    environment: z.string(),
    state: z.string(),
    reason: z.enum(rolloutReasons).default("deploy"),
    onlyHosts: z.array(z.string()).optional(),
    heirOf: z.string().optional(),
    plan: z.object({
      batches: z.array(z.object({ hosts: z.array(host) })),
      upToDate: z.array(z.string()),
      skipped: z.array(z.string()).default([]),
    }),
  }),
  strategy: z.custom<RolloutSpec>((value) => typeof value === "object" && value !== null),
  run: z.custom<Pick<RunSpec, "port" | "network" | "stop" | "health">>((value) => typeof value === "object"),
  timeline: z.array(event),
});
export type Recorded = z.infer<typeof recordedShape>;
export type RecordedEvent = Recorded["timeline"][number];

/** Hosts that were not in the plan: added, or back, while the rollout ran. */
export function joinedHosts({ rollout: { plan }, timeline }: Recorded): readonly string[] {
  const known = new Set([...plan.batches.flatMap(({ hosts }) => hosts.map(({ name }) => name)), ...plan.upToDate]);
  const forward = timeline.filter(({ direction, step }) => direction === "forward" && step !== "prepare");
  return [...new Set(forward.flatMap(({ host }) => host ?? []))].filter((name) => !known.has(name));
}

/** How long the engines took then: the median of what was recorded, with the simulator's own share for the rest. */
export function timesOf({ timeline }: Recorded): EngineTimes {
  const replaceMs = median(spans(timeline, "replace", "forward")) ?? 230;
  const pullMs = median(spans(timeline, "prepare", undefined)) ?? 300;
  const backMs = median(spans(timeline, "replace", "back")) ?? 180;
  return { pullMs, stopMs: replaceMs / 2, startMs: replaceMs / 2, startAgainMs: backMs / 2 };
}

/** The program as it behaved then: where it was never good it is bad again. What failed only once, the script plays. */
export function programOf({ timeline, run }: Recorded): Program {
  const checks = timeline.filter(
    ({ step, phase, direction }) => direction === "forward" && step === "check" && phase !== "progress",
  );
  const good = new Set(checks.filter(({ phase }) => phase === "succeeded").map(({ host }) => host));
  const failed = checks.filter(
    ({ phase, host, error }) => phase === "failed" && !good.has(host) && error?.code !== "rollout.cancelled",
  );
  const exits = failed.length > 0 && failed.every(({ error }) => error?.code === "container.exited");
  const badOn = failed.flatMap((each) => each.host ?? []);
  const checkMs = median(spans(timeline, "check", "forward")) ?? 0;
  const { intervalMs = 0, healthyAfter = 1, stableMs = 0 } = run.health ?? {};
  const turnsAfterMs = [Math.max(0, checkMs - intervalMs * (healthyAfter - 1) - stableMs)];
  return { turnsAfterMs, badOn, requestMs: 100, ...(exits && good.size === 0 ? { exitsAfterMs: 0 } : {}) };
}

function spans(timeline: Recorded["timeline"], step: string, direction: string | undefined): number[] {
  const began = new Map<string | undefined, number>();
  const lengths: number[] = [];
  for (const each of timeline.filter((one) => one.step === step && one.direction === direction)) {
    const start = began.get(each.host);
    if (each.phase === "started") began.set(each.host, Date.parse(each.at));
    else if (each.phase === "succeeded" && start !== undefined) lengths.push(Date.parse(each.at) - start);
  }
  return lengths;
}

const median = (values: readonly number[]): number | undefined =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
