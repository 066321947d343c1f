import type { CanarySpec, QuerySpec } from "#core/service.ts";

/** Answers of the canary hosts as the balancers counted them. */
export type Served = { readonly requests: number; readonly failed: number };

/** What a query gave, or why it gave nothing. */
export type Measured =
  | { readonly spec: QuerySpec; readonly value: number }
  | { readonly spec: QuerySpec; readonly reason: string };

export type CanaryVerdict = { readonly kind: "good" | "bad" | "not-measured"; readonly words: string };

export type CanaryMeasurement = {
  readonly before: Served | undefined;
  readonly after: Served | undefined;
  readonly queries: readonly Measured[];
};

/** Bad beats not measured, and not measured beats good: silence is no proof. */
export function canaryVerdict(spec: CanarySpec, { before, after, queries }: CanaryMeasurement): CanaryVerdict {
  const verdicts = [errorRate(spec, before, after), ...queries.map(queryVerdict)];
  const bad = verdicts.find(({ kind }) => kind === "bad");
  const unknown = verdicts.find(({ kind }) => kind === "not-measured");
  return bad ?? unknown ?? { kind: "good", words: verdicts.map(({ words }) => words).join("; ") };
}

function errorRate(spec: CanarySpec, before: Served | undefined, after: Served | undefined): CanaryVerdict {
  if (!before || !after) return { kind: "not-measured", words: "no balancer counts the answers of the canary hosts" };
  // A balancer that started again in between counts from zero.
  const zero = after.requests < before.requests ? { requests: 0, failed: 0 } : before;
  const requests = after.requests - zero.requests;
  const failed = Math.max(0, after.failed - zero.failed);
  const percent = requests === 0 ? 0 : (100 * failed) / requests;
  const words = `${failed} of ${requests} answers failed (${percent.toFixed(1)} %, at most ${spec.maxErrorPercent} %)`;
  if (requests < spec.minRequests)
    return { kind: "not-measured", words: `${words}; fewer than ${spec.minRequests} requests say nothing` };
  return { kind: percent > spec.maxErrorPercent ? "bad" : "good", words };
}

function queryVerdict(measured: Measured): CanaryVerdict {
  const { spec } = measured;
  if (!("value" in measured)) return { kind: "not-measured", words: `"${spec.name}": ${measured.reason}` };
  const { value } = measured;
  const isBelow = spec.min !== undefined && value < spec.min;
  const isAbove = spec.max !== undefined && value > spec.max;
  const limit = isBelow ? `at least ${spec.min}` : isAbove ? `at most ${spec.max}` : "";
  return limit
    ? { kind: "bad", words: `"${spec.name}" is ${value}, expected ${limit}` }
    : { kind: "good", words: `"${spec.name}" is ${value}` };
}
