import type { GivenOf } from "#contract/calls.ts";
import { SlipwayError } from "#core/errors.ts";
import { environmentSpecOf } from "#core/service.ts";
import type { Application } from "./application.ts";
import { findRollout } from "./find.ts";

/** Everything that a rehearsal needs of a rollout, and no value of a variable or a secret. */
export async function exportRollout({ world }: Application, id: string): Promise<GivenOf<"export">> {
  const rollout = await findRollout(world, id);
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
