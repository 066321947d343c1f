import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { dockerContainers } from "#adapters/docker/docker-containers.ts";
import { sshReach } from "#adapters/ssh/ssh-reach.ts";
import { SlipwayError } from "#core/errors.ts";
import type { Image } from "#core/release.ts";
import { containersContract } from "#ports/containers.contract.ts";
import type { HostTurn } from "#ports/containers.ts";
import { freePort } from "../../../scripts/setup/free-port.ts";
import { Machine, makeKey } from "../ssh/machine.ts";
import { DockerBench, within } from "./bench.ts";

let bench: DockerBench;
let image: Image;
let machine: Machine;
let directory = "";
let server: ReturnType<typeof newServer>;
let rollout = 100;
let turn = 0;

before(async () => {
  bench = await DockerBench.open();
  image = await bench.build();
  directory = await mkdtemp(join(tmpdir(), "by-ssh-"));
  await makeKey(join(directory, "key"));
  machine = await Machine.make(directory, { address: "127.0.0.5", userKey: join(directory, "key") });
  await writeFile(join(directory, "known_hosts"), await machine.knownHostsLine());
  server = newServer("a");
});
after(async () => {
  await server.stop();
  await machine.stop();
  await rm(directory, { recursive: true, force: true });
  await bench[Symbol.asyncDispose]();
});

/** As a server has it: its connections end with it. */
function newServer(name: string) {
  const reach = sshReach({ directory: join(directory, name), knownHostsFile: join(directory, "known_hosts") });
  const containers = dockerContainers({ reach });
  const stop = async () => {
    await containers[Symbol.asyncDispose]();
    await reach[Symbol.asyncDispose]();
  };
  return { containers, stop };
}

/** The contract makes later ones of its own. */
const nextTurn = (): number => {
  turn += 10;
  return turn;
};

const at = (number = nextTurn()): HostTurn => ({
  network: {
    name: "by-ssh",
    dockerSocket: bench.socketPath,
    ssh: { user: "root", keyFile: join(directory, "key"), port: machine.port },
  },
  host: { name: "web-1", address: machine.address, server: "web-1" },
  turn: { place: "personal/ben/hello", number },
});

containersContract("Docker Engine by SSH", () => ({
  containers: server.containers,
  at: at(),
  repository: bench.repository,
  login: bench.registry.access.login,
  wish: async () => bench.wish(image, ++rollout),
  freePort: () => freePort(),
  absent: { repository: bench.repository, digest: `sha256:${"0".repeat(64)}` },
}));

const isFenced = (error: unknown): boolean => error instanceof SlipwayError && error.code === "host.fenced";

describe("the fence of a host", () => {
  test("remembers the latest turn when the server that had it is gone", async () => {
    const wish = await bench.wish(image, ++rollout);
    const late = at();
    const dead = newServer("b");
    const { name } = await dead.containers.start(late, wish, within(30_000));
    await dead.stop();
    const { containers } = server;
    const earlier = { ...late, turn: { ...late.turn, number: late.turn.number - 1 } };
    await assert.rejects(containers.stop(earlier, name, wish.run.stop, within(30_000)), isFenced);
    await containers.stop(late, name, wish.run.stop, within(30_000));
  });

  test("lets two hosts of the fleet that are one machine be changed side by side", async () => {
    const [one, two] = [at(), at()];
    const other = { ...two, host: { ...two.host, name: "web-2" } };
    const slow = await bench.wish(image, ++rollout, {
      command: ["node", "-e", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1e3); console.log('up')"],
    });
    const { name } = await server.containers.start(one, slow, within(30_000));
    while (!(await server.containers.lastLines(one, name, 100, within(5_000))).includes("up"));
    const stopped = server.containers.stop(one, name, slow.run.stop, within(30_000));
    // Long enough that the stop waits for the program.
    await new Promise((resolve) => setTimeout(resolve, 500));
    await server.containers.stop(other, "nothing", slow.run.stop, within(1_000));
    await stopped;
  });
});
