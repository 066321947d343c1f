import { postNotice } from "#workflows/announce.ts";
import { putBackHost } from "#workflows/put-back-host.ts";
import { replaceHost } from "#workflows/replace-host.ts";
import { retireOld, stopOld } from "#workflows/retire-old.ts";
import { rollout } from "#workflows/rollout.ts";
import { startBeside } from "#workflows/start-beside.ts";
import type { World } from "#workflows/world.ts";

/** A rollout and all that it starts: an engine that runs one must know each of them. */
export const rolloutWorkflows = (world: World) => [
  rollout(world),
  replaceHost(world),
  putBackHost(world),
  startBeside(world),
  retireOld(world),
  stopOld(world),
  postNotice(world),
];
