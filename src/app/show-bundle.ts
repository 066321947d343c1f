import type { GivenOf } from "#contract/calls.ts";
import { SlipwayError } from "#core/errors.ts";
import { bundleId } from "#workflows/keep-bundle.ts";
import type { Application } from "./application.ts";
import { findRollout } from "./find.ts";

const chunksRead = 100;

/** What was kept of a host that failed in a rollout. */
export async function showBundle({ world }: Application, id: string, host: string): Promise<GivenOf<"bundle">> {
  const rollout = await findRollout(world, id);
  const chunks = await world.logs.read(bundleId(rollout.id, host), 0, chunksRead);
  const [first] = chunks;
  if (first) return { host, at: first.at, text: chunks.map(({ text }) => text).join("") };
  throw new SlipwayError("not.found", `Rollout ${rollout.number} has kept no bundle of ${host}.`, {
    advice: "One is kept of each host that fails.",
  });
}
