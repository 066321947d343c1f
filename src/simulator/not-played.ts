import { isFinal, type RolloutState } from "#core/rollout.ts";
import { programOf, type Recorded } from "#simulator/recorded-run.ts";

/** Why there is nothing to rehearse in what was exported; undefined where there is, or where it is no export at all. */
export function nothingToRehearse(exported: unknown): string | undefined {
  const { rollout, timeline = [] } = (exported ?? {}) as {
    rollout?: { number?: number; state?: string; plan?: unknown };
    timeline?: readonly { step?: string }[];
  };
  if (rollout?.number === undefined || rollout.state === undefined || !Array.isArray(timeline)) return undefined;
  const name = `Rollout ${rollout.number}`;
  if (!isFinal(rollout.state as RolloutState)) return `${name} had not ended when it was exported: export it again.`;
  if (!rollout.plan) return `${name} ended as ${rollout.state} before it was planned: there is nothing to rehearse.`;
  const isTouched = timeline.some(({ step }) => step !== undefined && !untouched.has(step));
  return isTouched ? undefined : `${name} was ${rollout.state} before it began: there is nothing to rehearse.`;
}

const untouched: ReadonlySet<string> = new Set(["plan", "announce", "steer", "finish"]);

/** What a rehearsal takes from the record instead of finding it out, and what it can not play at all. */
export function notPlayed(recorded: Recorded): readonly string[] {
  const { timeline, strategy, rollout } = recorded;
  const has = (step: string, phase?: string) =>
    timeline.some((event) => event.step === step && (phase === undefined || event.phase === phase));
  const badOn = programOf(recorded).badOn ?? [];
  const failures = timeline.filter(
    ({ step, phase, host }) =>
      phase === "failed" && host !== undefined && !(step === "check" && badOn.includes(host)) && step !== "approve",
  );
  const places = [...new Set(failures.map(({ host, step }) => `${host} ${step}`))];
  const runsCommands = has("verify") || (has("canary") && strategy.canary !== undefined);
  return [
    ...(runsCommands ? ["the repository's own commands and a canary's queries: they end as they ended then"] : []),
    ...(places.length > 0 ? [`why ${places.join(", ")} failed: it fails again because it did then`] : []),
    ...(has("hold", "failed") ? ["a hold that could not be taken then: here it is"] : []),
    ...(rollout.heirOf ? ["what it took over half done from an earlier rollout"] : []),
  ];
}
