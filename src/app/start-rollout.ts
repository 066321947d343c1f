import { SlipwayError } from "#core/errors.ts";
import type { Plan } from "#core/plan.ts";
import type { Release } from "#core/release.ts";
import type { Rollout, RolloutReason } from "#core/rollout.ts";
import { liveIn } from "#workflows/live-release.ts";
import { type ApprovalWord, approvalTopic, makesWay } from "#workflows/make-way.ts";
import { groupOf } from "#workflows/plan-rollout.ts";
import { rollout } from "#workflows/rollout.ts";
import type { Application, RolloutDesk } from "./application.ts";

export type DeployWish = {
  readonly service: string;
  readonly environment: string;
  readonly release?: number | undefined;
  readonly by?: string | undefined;
  readonly key?: string | undefined;
  /** The plan that the person looked at. */
  readonly shown?: Plan | undefined;
  readonly onlyHosts?: readonly string[] | undefined;
};

/** A person wants that release, or the newest, in that environment. */
export async function deploy(app: Application, wish: DeployWish): Promise<Rollout> {
  groupOf(app.world, wish.service, wish.environment);
  return startRollout(app, await releaseFor(app.world, wish), wish, "deploy");
}

/** A person wants hosts that drifted on the live release again. */
export async function correct(
  app: RolloutDesk,
  { hosts, ...wish }: Omit<DeployWish, "release"> & { hosts?: readonly string[] | undefined },
): Promise<Rollout> {
  const onlyHosts = hosts && hostsOfGroup(app.world, wish, hosts);
  return startRollout(app, await liveRelease(app.world, wish), { ...wish, onlyHosts }, "correct");
}

/** The same names; fails with not.found where the group has no such host. */
export function hostsOfGroup(
  world: Application["world"],
  { service, environment }: Pick<DeployWish, "service" | "environment">,
  hosts: readonly string[],
): readonly string[] {
  const { group } = groupOf(world, service, environment);
  const unknown = hosts.find((name) => !group.hosts.some((host) => host.name === name));
  if (unknown === undefined) return hosts;
  throw new SlipwayError("not.found", `${service} has no host "${unknown}" in ${environment}.`);
}

/** What a correction brings; fails with release.none where nothing was ever live. */
export async function liveRelease(
  world: Application["world"],
  { service, environment }: Pick<DeployWish, "service" | "environment">,
): Promise<Release> {
  const live = await liveIn(world, { service, environment });
  if (live) return live.release;
  throw new SlipwayError("release.none", `${service} was never rolled out to ${environment}.`);
}

/** Recorded first, then started: a server that dies in between starts it when it comes back. */
export async function startRollout(
  { world, engine }: RolloutDesk,
  release: Release,
  wish: DeployWish,
  reason: RolloutReason,
): Promise<Rollout> {
  const { service, environment } = wish;
  const made = await world.rollouts.create({
    key: wish.key === undefined ? `request/${crypto.randomUUID()}` : `request/${wish.key}`,
    service,
    environment,
    release: release.number,
    reason,
    by: wish.by ?? "a person with the token",
    ...(wish.shown ? { shownPlan: wish.shown } : {}),
    ...(wish.onlyHosts ? { onlyHosts: wish.onlyHosts } : {}),
  });
  const open = await makesWay(world, made);
  await engine.start(rollout(world), made.id, { rolloutId: made.id }, rolloutQueue(made));
  if (open) await engine.signal(open.id, approvalTopic, { newer: made.number } satisfies ApprovalWord);
  return made;
}

/** Rollouts of one service in one environment run one at a time. */
export const rolloutQueue = ({ environment, service }: Pick<Rollout, "environment" | "service">) =>
  ({ queue: "rollouts", partition: `${environment}/${service}` }) as const;

export async function releaseFor(
  world: Application["world"],
  { service, release }: Pick<DeployWish, "service" | "release">,
): Promise<Release> {
  if (release === undefined) {
    const [newest] = await world.releases.list(service, 1);
    if (newest) return newest;
    throw new SlipwayError("release.none", `${service} has no release yet.`);
  }
  const named = await world.releases.get(service, release);
  if (named) return named;
  throw new SlipwayError("not.found", `${service} has no release ${release}.`, {
    advice: `See \`slipway releases ${service}\`.`,
  });
}
