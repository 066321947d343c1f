import { SlipwayError } from "#core/errors.ts";
import { environmentSpecOf } from "#core/service.ts";
import { outcomeOf } from "#engine/acts.ts";
import { act, type Doing } from "#workflows/act.ts";
import { atLastGate } from "#workflows/at-gate.ts";
import { decide, type Ending } from "#workflows/decide.ts";
import type { Releasing } from "#workflows/releasing.ts";
import { checkoutTimeoutMs, runFromCheckout } from "#workflows/run-from-checkout.ts";

const choices = ["retry", "continue", "put-back", "roll-back", "abort"] as const;

/** The environment's integration tests pass, run from a clean checkout of the release's commit. */
export async function verifyEnvironment(releasing: Releasing): Promise<Ending | undefined> {
  const { run, world, course } = releasing;
  const { verify } = environmentSpecOf(course.release.environments, course.environment);
  if (verify.length === 0 || course.plan.batches.length === 0 || course.reason === "join") return undefined;
  const stop = await atLastGate(releasing);
  if (stop) return stop;
  const timeoutMs = verify.reduce((sum, step) => sum + step.timeoutMs, checkoutTimeoutMs);
  const place = { rolloutId: course.rolloutId, step: "verify" as const };
  const { upToDate } = course.plan;
  const hosts = [...upToDate, ...releasing.visited.map(({ host }) => host)];
  for (;;) {
    const doing = async (doing: Doing) => {
      const failed = await runFromCheckout(world, course, { steps: verify, id: "verify", hosts }, doing);
      if (!failed) return;
      const { command, lastLines } = failed;
      throw new SlipwayError("verify.failed", `"${failed.step}" ${failed.how}.`, { command, lastLines });
    };
    const outcome = await outcomeOf(act(run, world, place, { timeoutMs, stallMs: timeoutMs, doing }));
    if (outcome.ok) return undefined;
    const decision = await decide(releasing, { why: "failure", hosts: [], error: outcome.error, choices });
    if (decision === "continue") return undefined;
    if (typeof decision !== "string") return decision;
  }
}
