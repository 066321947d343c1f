import type { GivenOf } from "#contract/calls.ts";
import { isBuildOpen } from "#core/build.ts";
import { addTraffic } from "#core/make-receipt.ts";
import { isFinal } from "#core/rollout.ts";
import { groupOf } from "#workflows/plan-rollout.ts";
import type { Application } from "./application.ts";
import { findBuild, findRollout } from "./find.ts";
import { lockLogId } from "./lock-place.ts";

export async function showRollout({ world }: Application, id: string): Promise<GivenOf<"rollout">> {
  const rollout = await findRollout(world, id);
  const release = await world.releases.get(rollout.service, rollout.release);
  const traffic = addTraffic((await world.timeline.traffic(rollout.id)).map(({ count }) => count));
  const planned = rollout.plan?.batches.flatMap((batch) => batch.hosts.map((host) => host.name)) ?? [];
  return {
    rollout,
    hosts: [...planned, ...(rollout.plan?.upToDate ?? [])],
    timeline: await world.timeline.of(rollout.id),
    ...(release ? { commit: release.commit } : {}),
    ...(traffic ? { traffic } : {}),
  };
}

const chunksAtOnce = 1_000;

/** A build's log, a rollout's verification log, or who locked and unlocked a place; ended when nothing more can come. */
export async function readLog({ world }: Application, id: string, after: number): Promise<GivenOf<"log">> {
  const logId = await logIdOf(world, id);
  // Asked before the chunks are read: one that is written in between is read by the next call.
  const isOpen = await isLogOpen(world, logId);
  const chunks = await world.logs.read(logId, after, chunksAtOnce);
  return { chunks, ended: !isOpen && chunks.length < chunksAtOnce };
}

async function logIdOf(world: Application["world"], id: string): Promise<string> {
  const [kind, environment = "", service = ""] = id.split("/");
  if (kind === "locks") {
    groupOf(world, service, environment);
    return lockLogId({ environment, service });
  }
  const isRolloutId = (await world.rollouts.get(id)) !== undefined;
  return isRolloutId ? id : (await findBuild(world, id)).id;
}

async function isLogOpen({ builds, rollouts }: Application["world"], id: string): Promise<boolean> {
  const build = await builds.get(id);
  if (build) return isBuildOpen(build);
  const rollout = await rollouts.get(id);
  return rollout !== undefined && !isFinal(rollout.state);
}
