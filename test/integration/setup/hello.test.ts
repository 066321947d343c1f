import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import Docker from "dockerode";
import { pack } from "tar-fs";
import { parse } from "yaml";
import { ensureBaseImage } from "../../../demo/base-image.ts";
import { brokenHealthError, brokenTestName, type HelloWish, writeHello } from "../../../demo/hello.ts";
import { type Engine, ensureEngine } from "../../../scripts/setup/ensure-engine.ts";
import { runCommand } from "../../../scripts/setup/run-command.ts";
import { waitUntil } from "../../../scripts/setup/wait-until.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";
const deadlineMs = 60_000;

let engine: Engine;
let docker: Docker;
let base: string;
let directory: string;
const containers: Docker.Container[] = [];

before(async () => {
  engine = await ensureEngine();
  docker = new Docker({ socketPath: engine.socketPath });
  base = await ensureBaseImage(engine.socketPath);
  directory = await mkdtemp(join(tmpdir(), "slipway-hello-"));
});

after(async () => {
  for (const container of containers) await container.remove({ force: true });
  await engine?.stop();
  if (directory) await rm(directory, { recursive: true });
});

const write = (wish: Partial<HelloWish>) =>
  writeHello(directory, { version: 1, registry: "127.0.0.1:5000", base, ...wish });

/** Runs the build's steps as slipway.yaml gives them. */
const runSteps = async () => {
  const { build } = parse(await readFile(join(directory, "slipway.yaml"), "utf8"));
  const script = build.steps.map(({ run }: { run: string }) => run).join("\n");
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return runCommand(["env", "-i", `PATH=${env.PATH}`, "sh", "-eu", "-c", script], { deadlineMs, cwd: directory });
};

/** Builds the image with the arguments that Slipway gives, and starts it on a free port. */
const start = async (version: number) => {
  const t = `slipway-test/hello:${version}`;
  const buildargs = { BASE: base, VERSION: String(version), SLIPWAY_COMMIT: commit };
  // The two packages' types name the same Node stream differently.
  const context = pack(directory) as unknown as NodeJS.ReadableStream;
  const progress = await docker.buildImage(context, { t, buildargs });
  await new Promise<void>((resolve, reject) =>
    docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve())),
  );
  const container = await docker.createContainer({
    Image: t,
    ExposedPorts: { "8080/tcp": {} },
    HostConfig: { PortBindings: { "8080/tcp": [{ HostIp: "127.0.0.1" }] } },
  });
  containers.push(container);
  await container.start();
  const { NetworkSettings } = await container.inspect();
  return { container, address: `http://127.0.0.1:${NetworkSettings.Ports["8080/tcp"]?.[0]?.HostPort}` };
};

/** Without a terminal both streams come in frames with a header of eight bytes; the lines are whole all the same. */
const logOf = async (container: Docker.Container): Promise<string> =>
  (await container.logs({ stdout: true, stderr: true })).toString();

const status = (url: string): Promise<number | undefined> =>
  fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
    (response) => response.status,
    () => undefined,
  );

test("a good version passes its tests, tells its commit, and finishes a slow request after SIGTERM", async () => {
  await write({ version: 1 });
  const steps = await runSteps();
  assert.equal(steps.exitCode, 0, steps.output);
  assert.match(await readFile(join(directory, "reports/unit.xml"), "utf8"), /<testcase /);

  const { container, address } = await start(1);
  await waitUntil(
    async () => (await status(`${address}/healthz`)) === 200,
    10_000,
    () => logOf(container),
  );
  const version = (await (await fetch(`${address}/version`)).json()) as { version: string; commit: string };
  assert.deepEqual([version.version, version.commit], ["1", commit]);

  const slow = fetch(`${address}/slow?ms=1500`);
  await waitUntil(
    async () => (await status(`${address}/`)) === 200,
    5_000,
    () => "no answer",
  );
  const stopped = container.stop({ t: 10 });
  assert.equal(await (await slow).text(), "waited 1500 ms\n");
  await stopped;
  assert.equal((await container.inspect()).State.ExitCode, 0);
});

test("a version with a broken health check answers 503 and says why on its standard error", async () => {
  await write({ version: 3, breakHealth: true });
  const steps = await runSteps();
  assert.equal(steps.exitCode, 0, steps.output);
  const { container, address } = await start(3);
  await waitUntil(
    async () => (await status(`${address}/healthz`)) === 503,
    10_000,
    () => logOf(container),
  );
  assert.match(await logOf(container), new RegExp(`${brokenHealthError}$`, "m"));
});

test("a version with a broken unit test fails its step, and the report names that test alone", async () => {
  await write({ version: 4, breakTest: true });
  assert.equal((await runSteps()).exitCode, 1);
  const report = await readFile(join(directory, "reports/unit.xml"), "utf8");
  const failed = [...report.matchAll(/<testcase name="([^"]*)"[^>]*>\s*<failure/g)].map(([, name]) => name);
  assert.deepEqual(failed, [brokenTestName]);
});
