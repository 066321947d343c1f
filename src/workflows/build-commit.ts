import type { Build, BuildStep, TestReport } from "#core/build.ts";
import { SlipwayError } from "#core/errors.ts";
import type { Commit, Image } from "#core/release.ts";
import type { ServiceSpec, StepSpec } from "#core/service.ts";
import { logWriter } from "#workflows/log-writer.ts";
import { loginFor, registryOf } from "#workflows/prepare-hosts.ts";
import { refuseOthersService } from "#workflows/refuse-others-service.ts";
import type { World } from "#workflows/world.ts";

const fileName = "slipway.yaml";

export type Built = {
  readonly spec: ServiceSpec;
  readonly commit: Commit;
  readonly image: Image;
  readonly isReused: boolean;
};

type Building = {
  readonly world: World;
  readonly build: Build;
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
};

/**
 * From a clean checkout of exactly that commit to an image in the registry. Repeatable from its beginning: a build
 * that was interrupted starts again in an empty directory, and an image that was pushed already is found.
 */
export async function buildCommit(world: World, build: Build, signal: AbortSignal): Promise<Built> {
  await world.logs.clear(build.id);
  const log = logWriter(world, build.id);
  const directory = await world.workspaces.open(build.id);
  const building = { world, build, directory, signal, say: log.write };
  try {
    return await buildIn(building);
  } catch (thrown) {
    if (!signal.aborted) log.write(`\n${SlipwayError.from(thrown).message}\n`);
    throw thrown;
  } finally {
    await log.close();
    await world.workspaces.close(build.id);
  }
}

async function buildIn(building: Building): Promise<Built> {
  const { world, build } = building;
  const commit = await checkout(building);
  const spec = await readSpec(building);
  await refuseOthersService(world, { service: spec.service, source: build.source });
  const names = [...spec.build.steps.map((step) => step.name), "image"];
  await world.builds.update(build.id, {
    commit,
    service: spec.service,
    steps: names.map((name) => ({ name, state: "waiting" })),
  });
  const found = await findImage(building, spec);
  if (found) return { spec, commit, image: found, isReused: true };
  for (const [index, step] of spec.build.steps.entries())
    await recordStep(building, index, () => runBuildStep(building, commit, step));
  const image = await makeImage(building, spec, commit);
  return { spec, commit, image, isReused: false };
}

async function checkout({ world, build, directory, signal, say }: Building): Promise<Commit> {
  const source = world.fleet().sources.find((candidate) => candidate.name === build.source);
  if (!source) throw new SlipwayError("not.found", `The source "${build.source}" is no longer in fleet.yaml.`);
  say(`== check out ${build.commit.sha} of ${build.source}\n`);
  return world.source.checkout(source, build.commit, directory, signal);
}

async function readSpec({ world, directory }: Building): Promise<ServiceSpec> {
  const text = await world.workspaces.readText(directory, fileName);
  if (text === undefined)
    throw new SlipwayError("config.invalid", `The commit has no ${fileName} in its top directory.`, {
      advice: `Add a ${fileName}: see docs/tutorial.md.`,
    });
  return world.parseService(text, fileName);
}

async function registryAccess(world: World, repository: string) {
  const login = await loginFor(world, { repository });
  const spec = registryOf(world, repository) ?? { insecure: false };
  return { spec, ...(login ? { login } : {}) };
}

async function findImage({ world, build, signal, say }: Building, spec: ServiceSpec): Promise<Image | undefined> {
  const { repository } = spec.build.image;
  const registry = await registryAccess(world, repository);
  const image = await world.images.find({ repository, sha: build.commit.sha, registry }, signal);
  if (image) say(`== the registry has an image of this commit already: ${image.digest}; nothing is built again\n`);
  return image;
}

/** A step's beginning and end are seen on the page as they happen. */
async function recordStep(building: Building, index: number, doing: () => Promise<StepEnd>): Promise<void> {
  const { world, build, say } = building;
  const change = async (part: Partial<BuildStep>) => {
    const kept = await world.builds.get(build.id);
    const steps = (kept?.steps ?? []).map((step, at) => (at === index ? { ...step, ...part } : step));
    await world.builds.update(build.id, { steps });
  };
  const now = () => new Date(world.clock.now()).toISOString();
  await change({ state: "running", startedAt: now() });
  say(`\n== ${(await world.builds.get(build.id))?.steps[index]?.name ?? ""}\n`);
  let end: StepEnd = { state: "failed" };
  try {
    end = await doing();
  } finally {
    const { failure: _, ...part } = end;
    await change({ state: "succeeded", ...part, endedAt: now() });
  }
  if (end.failure) throw end.failure;
}

type StepEnd = Partial<BuildStep> & { readonly failure?: SlipwayError };

/** What a failing test says may hold a secret, as its log may. */
const masked = (report: TestReport, mask: World["mask"]): TestReport => ({
  ...report,
  failures: report.failures.map(({ name, message }) => ({ name: mask(name), message: mask(message) })),
});

async function runBuildStep(
  { world, build, directory, signal, say }: Building,
  commit: Commit,
  step: StepSpec,
): Promise<StepEnd> {
  const env = {
    SLIPWAY_COMMIT: commit.sha,
    SLIPWAY_BRANCH: commit.branch,
    SLIPWAY_SOURCE: build.source,
    SLIPWAY_BUILD: String(build.number),
  };
  const outcome = await world.workspaces.runStep(directory, step, env, say, signal);
  const report = step.junit === undefined ? undefined : await world.workspaces.readReports(directory, step.junit);
  const tests = report && masked(report, world.mask);
  const seen = {
    ...(outcome.exitCode === undefined ? {} : { exitCode: outcome.exitCode }),
    ...(tests ? { tests } : {}),
  };
  if (outcome.exitCode === 0 && !outcome.timedOut) return seen;
  const how = outcome.timedOut
    ? `ran longer than ${step.timeoutMs / 1000} s`
    : outcome.signal
      ? `ended by ${outcome.signal}`
      : `ended with exit code ${outcome.exitCode}`;
  const failing =
    tests && tests.failed > 0
      ? ` ${tests.failed} of ${tests.passed + tests.failed} tests failed: ${tests.failures
          .slice(0, 3)
          .map(({ name }) => name)
          .join(", ")}.`
      : "";
  const failure = new SlipwayError(
    outcome.timedOut ? "build.step-timeout" : "build.step-failed",
    `The step "${step.name}" ${how}.${failing}`,
    {
      command: step.run,
      ...(outcome.exitCode === undefined ? {} : { exit: String(outcome.exitCode) }),
      lastLines: world.mask(outcome.lastLines),
    },
  );
  return { ...seen, state: "failed", failure };
}

async function makeImage(building: Building, spec: ServiceSpec, commit: Commit): Promise<Image> {
  const { world, build, directory, signal, say } = building;
  const { repository, dockerfile, context, args } = spec.build.image;
  let image: Image | undefined;
  await recordStep(building, spec.build.steps.length, async () => {
    const registry = await registryAccess(world, repository);
    const wish = { repository, directory, dockerfile, context, args, commit, source: build.source, registry };
    image = await world.images.buildAndPush(wish, say, signal);
    return {};
  });
  if (!image) throw new Error("the image step ended without an image");
  return image;
}
