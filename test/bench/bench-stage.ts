import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type LabStage, labStage } from "../../demo/lab-scene.ts";
import { commitHello } from "../../demo/repository.ts";
import { TrafficProgram } from "../../demo/traffic-program.ts";
import { ensureSystem } from "../../scripts/setup/ensure-system.ts";
import { waitUntil } from "../../scripts/setup/wait-until.ts";
import type { ReleaseShape } from "../../src/contract/shapes.ts";
import type { LabNode } from "../lab/lab-node.ts";
import { readSight } from "./floor-ways.ts";
import { benchSettings } from "./service.ts";
import { SlipwayAtWork } from "./slipway.ts";

const deliveredLimitMs = 180_000;
const settledLimitMs = 30_000;
/** Eight users who pause so long after each request: light traffic, so that the two cores are left to what is measured. */
const userPauseMs = 50;
/** What a fleet.yaml usually has: what is measured is not disturbed by git. Each push is told as a webhook would. */
const poll = "30s";
const trafficScript = join(import.meta.dirname, "../../demo/traffic.ts");

export type BenchRelease = { readonly number: number; readonly image: string };

export type BenchStage = AsyncDisposable & {
  readonly lab: LabStage["lab"];
  readonly slipway: SlipwayAtWork;
  readonly repository: string;
  /** ssh's configuration for the floor and for Ansible: connections are shared and stay open. */
  readonly sshConfig: string;
  /** Two releases that differ in one small layer; both images are on every host. */
  readonly releases: readonly [BenchRelease, BenchRelease];
  /** Commits that version of the service; resolves with the commit. */
  commit(version: number, directory?: string): Promise<string>;
  traffic(): TrafficProgram;
  /** No container is on any host, and the balancer knows it. */
  clearHosts(): Promise<void>;
  /** Every host has the container of the floor and the playbook, and is in service. */
  seed(image: string): Promise<void>;
};

export async function benchStage(say: (line: string) => void, signal: AbortSignal): Promise<BenchStage> {
  await ensureSystem(["ansible"]);
  await using stack = new AsyncDisposableStack();
  const stage = stack.use(await labStage(say, signal, { poll }));
  const { lab, repository } = stage;
  const slipway = new SlipwayAtWork({ ...stage, signal });
  const commit = (version: number, directory = repository) =>
    commitHello(directory, { ...stage.hello, version, settings: benchSettings }, `Version ${version}`);
  const deliver = async (version: number): Promise<BenchRelease> => {
    const sha = await commit(version);
    await slipway.lookNow();
    const { release = 0, error } = await slipway.client.builtOf(sha, deliveredLimitMs);
    if (error) throw new Error(`The bench service could not be built: ${error.message}`);
    await slipway.ended((await slipway.client.rolledOut(release, deliveredLimitMs)).id);
    return { number: release, image: await imageOf(stage.url, release) };
  };
  const releases = [await deliver(1), await deliver(2)] as const;
  const hosts = lab.hosts.map(({ name }) => lab.host(name));
  const clearHosts = async () => {
    await Promise.all(hosts.map(removeContainers));
    await inService(lab, 0);
  };
  const parts = stack.move();
  return {
    lab,
    slipway,
    repository,
    sshConfig: await writeSshConfig(stage),
    releases,
    commit,
    traffic: () =>
      new TrafficProgram(
        lab.client.spawn([process.execPath, trafficScript, lab.frontUrl, `${userPauseMs}`], {
          stdio: ["pipe", "pipe", "inherit"],
        }),
      ),
    clearHosts,
    async seed(image) {
      await clearHosts();
      await Promise.all(hosts.map((host) => startContainer(host, image)));
      await inService(lab, hosts.length);
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

async function imageOf(url: string, release: number): Promise<string> {
  const { releases } = (await (await fetch(`${url}/api/releases/hello`)).json()) as { releases: ReleaseShape[] };
  const found = releases.find(({ number }) => number === release);
  if (!found) throw new Error(`Slipway does not list release ${release}.`);
  return `${found.image.repository}@${found.image.digest}`;
}

/** The lab's own configuration, and connections that outlast a round. The sockets die with the office. */
async function writeSshConfig({ lab }: LabStage): Promise<string> {
  const file = join(lab.sharedDir, "bench-ssh.conf");
  const shared = ["Host *", "  ControlMaster auto", "  ControlPath /run/bench-%C", "  ControlPersist 30m"];
  await writeFile(file, `Include ${lab.ssh.config}\n${shared.join("\n")}\n`, { mode: 0o600 });
  return file;
}

async function removeContainers(host: LabNode): Promise<void> {
  const ids = (await mustExec(host, ["docker", "ps", "--all", "--quiet"])).split("\n").filter(Boolean);
  if (ids.length > 0) await mustExec(host, ["docker", "rm", "--force", ...ids]);
}

const startContainer = (host: LabNode, image: string): Promise<string> =>
  mustExec(host, ["docker", "run", "--detach", "--init", "--name", "hello", "--network", "host", image]);

async function mustExec(host: LabNode, argv: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await host.exec(argv);
  if (exitCode === 0) return stdout;
  throw new Error(`${argv.join(" ")} on ${host.name} ended with ${exitCode}: ${stderr}`);
}

/** The balancer believes so many of the hosts to be up: a plan is made from what it believes. */
async function inService(lab: LabStage["lab"], count: number): Promise<void> {
  const look = async () => {
    const csv = await lab.haproxy("show stat hello 4 -1");
    return lab.hosts.filter(({ name }) => readSight(csv, name).status.startsWith("UP")).length === count;
  };
  await waitUntil(look, settledLimitMs, () => `the balancer did not come to have ${count} hosts in service`);
}
