import type { GivenOf } from "#contract/calls.ts";
import { SlipwayError } from "#core/errors.ts";
import { isFinal } from "#core/rollout.ts";
import { environmentSpecOf } from "#core/service.ts";
import type { Application } from "./application.ts";
import { findRollout } from "./find.ts";

/** Of a rollout that has ended: everything that a rehearsal needs of a rollout, and no value of a variable or a secret. */
export async function exportRollout({ world }: Pick<Application, "world">, id: string): Promise<GivenOf<"export">> {
  const rollout = await findRollout(world, id);
  const { number, state } = rollout;
  if (!isFinal(state))
    throw new SlipwayError("input.invalid", `Rollout ${number} is ${state}: only one that has ended can be exported.`, {
      advice: `Wait for its end: \`slipway logs rollout/${number}\`.`,
    });
  const release = await world.releases.get(rollout.service, rollout.release);
  if (!release)
    throw new SlipwayError("not.found", `Release ${rollout.release} of ${rollout.service} is not recorded.`);
  const { health, stop, port, network } = release.run;
  return {
    version: 1,
    rollout,
    strategy: environmentSpecOf(release.environments, rollout.environment).rollout,
    run: { port, network, stop, ...(health ? { health } : {}) },
    timeline: await world.timeline.of(rollout.id),
  };
}
