import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import Docker from "dockerode";
import { ensureBaseImage, madeBaseImage } from "../../../demo/base-image.ts";
import { bridgeOf } from "../../../scripts/setup/bridge.ts";
import { callEngine, containersWith, engineVersion } from "../../../scripts/setup/engine-api.ts";
import { startEngine } from "../../../scripts/setup/own-engine.ts";
import { processesBelow, processesInGroup } from "../../../scripts/setup/processes.ts";
import { sweepDeadEngines } from "../../../scripts/setup/remove-engine.ts";
import { mustRun } from "../../../scripts/setup/run-command.ts";

/** Everything an engine could leave on the machine. */
const traces = async (socketPath: string) => {
  const directory = dirname(socketPath);
  const bridge = bridgeOf(directory);
  return {
    processes: [...(await processesBelow(directory)), ...(await processesInGroup(bridge))].map(
      ({ command }) => command,
    ),
    mounts: (await readFile("/proc/self/mountinfo", "utf8")).split("\n").filter((line) => line.includes(directory)),
    bridge: existsSync(join("/sys/class/net", bridge)),
    groups: existsSync(join("/sys/fs/cgroup", bridge)) || existsSync(join("/sys/fs/cgroup/memory", bridge)),
    directory: existsSync(directory),
  };
};

const nothing = { processes: [], mounts: [], bridge: false, groups: false, directory: false };

/** A container that ignores SIGTERM, so that an engine that waits for it would be noticed. */
const startStubborn = async (socketPath: string): Promise<void> => {
  await ensureBaseImage(socketPath, madeBaseImage);
  const container = await new Docker({ socketPath }).createContainer({
    Image: madeBaseImage,
    Cmd: ["node", "-e", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"],
    ExposedPorts: { "8080/tcp": {} },
    HostConfig: { RestartPolicy: { Name: "always" }, PortBindings: { "8080/tcp": [{ HostIp: "127.0.0.1" }] } },
  });
  await container.start();
};

test("an engine with a running container leaves nothing when it is stopped, also when stopped twice", async () => {
  const rulesBefore = await mustRun(["iptables", "-S"], { deadlineMs: 5_000 });
  const engine = await startEngine();
  try {
    assert.match(engine.apiVersion, /^1\.\d+$/);
    await startStubborn(engine.socketPath);
    assert.equal((await containersWith(engine.socketPath)).length, 1);
    assert.ok((await processesInGroup(bridgeOf(dirname(engine.socketPath)))).length > 0);
    assert.equal(await mustRun(["iptables", "-S"], { deadlineMs: 5_000 }), rulesBefore);
  } finally {
    await engine.stop();
  }
  await engine.stop();
  assert.deepEqual(await traces(engine.socketPath), nothing);
});

test("an engine whose owner and dockerd were killed is removed with its containers by the next start", async () => {
  const owner = spawn(process.execPath, [join(import.meta.dirname, "engine-owner.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(owner.stdout, "data")) as [Buffer];
  const socketPath = line.toString().trim();
  try {
    await startStubborn(socketPath);
  } finally {
    owner.kill("SIGKILL");
    await once(owner, "close");
  }
  process.kill(Number(await readFile(join(dirname(socketPath), "docker.pid"), "utf8")), "SIGKILL");
  await sweepDeadEngines();
  assert.deepEqual(await traces(socketPath), nothing);
});

test("two engines stand side by side, and stopping one does not touch the other", async () => {
  const [one, two] = await Promise.all([startEngine(), startEngine()]);
  try {
    await startStubborn(two.socketPath);
    await sweepDeadEngines();
    await one.stop();
    assert.equal(await engineVersion(two.socketPath), two.apiVersion);
    await callEngine({ socketPath: two.socketPath, method: "GET", path: "/_ping", deadlineMs: 5_000 });
    assert.equal((await containersWith(two.socketPath)).length, 1);
  } finally {
    await Promise.all([one.stop(), two.stop()]);
  }
});
