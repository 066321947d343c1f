import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, openSync } from "node:fs";
import { chmod, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bridgeOf, makeBridge } from "./bridge.ts";
import { engineVersion } from "./engine-api.ts";
import type { Engine } from "./ensure-engine.ts";
import { ownerLine } from "./owner.ts";
import { programFor } from "./programs.ts";
import { engineDirectoryPrefix, removeEngine } from "./remove-engine.ts";
import { lastLines } from "./run-command.ts";
import { waitUntil } from "./wait-until.ts";

const startDeadlineMs = 60_000;

/** A Docker engine of our own, beside any other: its own data, socket, bridge and containerd namespace. */
export const startEngine = async (): Promise<Engine> => {
  const directory = await mkdtemp(engineDirectoryPrefix);
  const stop = () => removeEngine(directory);
  try {
    await writeFile(join(directory, "owner"), await ownerLine(process.pid));
    // Below it are layers of images that root must be able to share with the users inside the containers.
    await chmod(directory, 0o711);
    await makeBridge(bridgeOf(directory));
    const apiVersion = await untilItAnswers(directory, await startProgram(directory));
    return { socketPath: join(directory, "docker.sock"), apiVersion, isOurs: true, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** Resolves with a promise of its end. */
const startProgram = async (directory: string): Promise<() => boolean> => {
  const log = openSync(join(directory, "dockerd.log"), "a");
  // A process group of its own: Ctrl-C in the terminal must not end it before what runs on it was cleaned up.
  const child = spawn(programFor("docker"), engineArguments(directory), {
    stdio: ["ignore", log, log],
    detached: true,
  });
  await once(child, "spawn");
  child.unref();
  return () => child.exitCode !== null || child.signalCode !== null;
};

const engineArguments = (directory: string): string[] => {
  const name = bridgeOf(directory);
  return [
    `--data-root=${join(directory, "data")}`,
    `--exec-root=${join(directory, "exec")}`,
    `--pidfile=${join(directory, "docker.pid")}`,
    `--host=unix://${join(directory, "docker.sock")}`,
    `--bridge=${name}`,
    // Published ports are served by docker-proxy; so no rule and no switch of the machine's own network is touched,
    // and two engines cannot flush each other's rules.
    "--iptables=false",
    "--ip-forward=false",
    "--ip-masq=false",
    // A system's containerd may be running although its dockerd is not.
    `--containerd-namespace=${name}`,
    `--containerd-plugins-namespace=${name}-plugins`,
    // With systemd the engine would ask it for slices, which outlive us; plain directories we can remove.
    "--exec-opt=native.cgroupdriver=cgroupfs",
    `--cgroup-parent=/${name}`,
    "--log-level=warn",
  ];
};

const untilItAnswers = async (directory: string, hasEnded: () => boolean): Promise<string> => {
  const log = async (): Promise<string> =>
    lastLines(await readFile(join(directory, "dockerd.log"), "utf8").catch(() => ""), 20);
  const socketPath = join(directory, "docker.sock");
  return waitUntil(
    async () => {
      if (hasEnded()) throw new Error(`dockerd ended at its start; its last lines:\n${await log()}`);
      return existsSync(socketPath) ? engineVersion(socketPath) : undefined;
    },
    startDeadlineMs,
    async () => `dockerd did not answer within ${startDeadlineMs / 1000} s; its last lines:\n${await log()}`,
  );
};
