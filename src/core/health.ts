import type { HealthSpec } from "#core/service.ts";

export type HealthState = { readonly goodInARow: number; readonly healthySinceMs?: number; readonly startedMs: number };

export type Verdict = "waiting" | "healthy" | "unhealthy";

export const freshHealth = (nowMs: number): HealthState => ({ goodInARow: 0, startedMs: nowMs });

/** What one more answer says: healthy after enough good ones in a row that then stayed good for the stable time. */
export function judge(
  state: HealthState,
  answer: { readonly isGood: boolean; readonly nowMs: number },
  spec: HealthSpec,
): { state: HealthState; verdict: Verdict } {
  const { startedMs } = state;
  const isOver = answer.nowMs - startedMs >= spec.deadlineMs;
  if (!answer.isGood) return { state: { goodInARow: 0, startedMs }, verdict: isOver ? "unhealthy" : "waiting" };
  const goodInARow = state.goodInARow + 1;
  if (goodInARow < spec.healthyAfter)
    return { state: { goodInARow, startedMs }, verdict: isOver ? "unhealthy" : "waiting" };
  const healthySinceMs = state.healthySinceMs ?? answer.nowMs;
  const isStable = answer.nowMs - healthySinceMs >= spec.stableMs;
  const verdict = isStable ? "healthy" : isOver ? "unhealthy" : "waiting";
  return { state: { goodInARow, healthySinceMs, startedMs }, verdict };
}
