import { matchBranch } from "#core/branch-pattern.ts";
import { type Build, isBuildOpen } from "#core/build.ts";
import type { ErrorRecord } from "#core/errors.ts";
import type { Release } from "#core/release.ts";
import type { ServiceSpec } from "#core/service.ts";
import { outcomeOf } from "#engine/acts.ts";
import type { Run, Workflow } from "#engine/run.ts";
import { type Built, buildCommit } from "#workflows/build-commit.ts";
import { type ApprovalWord, approvalTopic, makesWay } from "#workflows/make-way.ts";
import { refuseOthersService } from "#workflows/refuse-others-service.ts";
import { rollout } from "#workflows/rollout.ts";
import type { World } from "#workflows/world.ts";

const recordTimeoutMs = 60_000;
/** All of a build together; each step has its own, shorter limit. */
const buildTimeoutMs = 4 * 60 * 60_000;

/** The main job: a commit that was seen is built, becomes a release, and is rolled out where its branch goes. */
export const deliver = (world: World): Workflow<{ buildId: string }, void> => ({
  name: "deliver",
  async run(run, { buildId }) {
    const built = await outcomeOf(build(run, world, buildId));
    if (!built.ok) return;
    const recorded = await outcomeOf(
      run.step("release", recordTimeoutMs, () => recordRelease(world, buildId, built.value)),
    );
    if (!recorded.ok) return failBuild(run, world, buildId, recorded.error);
    const release = recorded.value;
    const environments = await run.step("environments", recordTimeoutMs, () =>
      whereTo(world, buildId, built.value.spec),
    );
    for (const environment of environments) await rollOut(run, world, release, environment);
  },
});

/** The build has ended and is recorded as it ended, good or bad. */
async function build(run: Run, world: World, buildId: string): Promise<Built> {
  await run.step("begin build", recordTimeoutMs, async () => {
    await world.builds.update(buildId, { state: "running", startedAt: new Date(world.clock.now()).toISOString() });
  });
  const outcome = await outcomeOf(
    run.step("build", buildTimeoutMs, async (signal) => buildCommit(world, await openBuild(world, buildId), signal)),
  );
  await run.step("end build", recordTimeoutMs, async () => {
    const endedAt = new Date(world.clock.now()).toISOString();
    if (outcome.ok) {
      const { image, isReused } = outcome.value;
      await world.builds.update(buildId, { state: "succeeded", image, imageReused: isReused, endedAt });
    } else {
      await world.builds.update(buildId, { state: "failed", error: maskedRecord(world, outcome.error), endedAt });
    }
  });
  if (outcome.ok) return outcome.value;
  throw new Error("the build failed; its record says why");
}

/** A command and its last lines can hold a secret as well as the words above them. */
export function maskedRecord(world: Pick<World, "mask">, { code, ...texts }: ErrorRecord): ErrorRecord {
  const masked = Object.entries(texts).map(([key, text]) => [key, world.mask(text)]);
  return { ...texts, ...Object.fromEntries(masked), code };
}

/** The image is there; what it may not become is said where people look for it. */
const failBuild = (run: Run, world: World, buildId: string, error: ErrorRecord): Promise<void> =>
  run.step("refuse release", recordTimeoutMs, async () => {
    await world.builds.update(buildId, { state: "failed", error });
    await remark(world, buildId, [error.message]);
  });

async function openBuild(world: World, buildId: string): Promise<Build> {
  const kept = await world.builds.get(buildId);
  if (!kept || !isBuildOpen(kept)) throw new Error(`build ${buildId} is not open`);
  return kept;
}

async function recordRelease(world: World, buildId: string, { spec, commit, image }: Built): Promise<Release> {
  const kept = await world.builds.get(buildId);
  if (!kept) throw new Error(`build ${buildId} is not recorded`);
  const { service, run, environments } = spec;
  const { number: buildNumber, source } = kept;
  // Asked before the build already; two first builds at once both passed there.
  await refuseOthersService(world, { service, source });
  const release = await world.releases.create({
    service,
    buildId,
    buildNumber,
    source,
    commit,
    image,
    run,
    environments,
  });
  await world.builds.update(buildId, { release: release.number });
  return release;
}

/** The environments that the branch goes to and the fleet has. Why a commit goes nowhere is said on its build. */
async function whereTo(world: World, buildId: string, spec: ServiceSpec): Promise<readonly string[]> {
  const kept = await world.builds.get(buildId);
  const wanted = environmentsOf(spec, kept?.commit.branch ?? "");
  const fleet = world.fleet().environments;
  const has = (name: string) => Object.hasOwn(fleet, name) && Object.hasOwn(fleet[name]?.services ?? {}, spec.service);
  const missing = wanted.filter((name) => !has(name));
  const remarks = [
    ...(wanted.length === 0 ? [`Built, not rolled out: no rule under "branches" matches ${kept?.commit.branch}.`] : []),
    ...missing.map((name) => `Built, not rolled out to ${name}: fleet.yaml has no ${spec.service} there.`),
  ];
  if (remarks.length > 0) await remark(world, buildId, remarks);
  return wanted.filter(has);
}

function environmentsOf(spec: ServiceSpec, branch: string): readonly string[] {
  for (const rule of spec.branches) {
    const match = matchBranch(rule.pattern, branch);
    if (!match) continue;
    if ("environment" in rule) return [rule.environment];
    return match.user === undefined ? [] : [`personal/${match.user}`];
  }
  return [];
}

async function rollOut(run: Run, world: World, release: Release, environment: string): Promise<void> {
  const rolloutId = await run.step(`rollout to ${environment}`, recordTimeoutMs, async () => {
    const newer = await newerThan(world, release, environment);
    if (newer !== undefined) {
      await remark(world, release.buildId, [
        `Built, not rolled out to ${environment}: release ${newer} is of a newer commit.`,
      ]);
      return null;
    }
    const made = await world.rollouts.create({
      key: `${release.buildId}/${environment}`,
      service: release.service,
      environment,
      release: release.number,
      reason: "commit",
      by: `commit ${release.commit.sha.slice(0, 12)} on ${release.commit.branch}`,
    });
    await remark(world, release.buildId, [
      `Release ${release.number} goes to ${environment} as rollout ${made.number}.`,
    ]);
    return made.id;
  });
  if (rolloutId === null) return;
  const partition = `${environment}/${release.service}`;
  await run.child(rollout(world), rolloutId, { rolloutId }, { queue: "rollouts", partition });
  const way = await run.step(`way to ${environment}`, recordTimeoutMs, async () => {
    const made = await world.rollouts.get(rolloutId);
    const open = made && (await makesWay(world, made));
    return open ? { open: open.id, newer: made.number } : null;
  });
  if (way) await run.signal(way.open, approvalTopic, { newer: way.newer } satisfies ApprovalWord);
}

/** An older commit whose build took longer must not undo a newer one. */
async function newerThan(world: World, release: Release, environment: string): Promise<number | undefined> {
  const rollouts = await world.rollouts.list({ service: release.service, environment }, 100);
  for (const { release: number, reason } of rollouts) {
    if (reason !== "commit" || number === release.number) continue;
    const other = await world.releases.get(release.service, number);
    if (other && other.buildNumber > release.buildNumber) return other.number;
  }
  return undefined;
}

async function remark(world: World, buildId: string, remarks: readonly string[]): Promise<void> {
  const kept = await world.builds.get(buildId);
  await world.builds.update(buildId, { remarks: [...new Set([...(kept?.remarks ?? []), ...remarks])] });
}
