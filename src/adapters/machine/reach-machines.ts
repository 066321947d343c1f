import { statfs } from "node:fs/promises";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import type { EngineHost } from "#ports/containers.ts";
import type { DiskSpace, Machines } from "#ports/machines.ts";
import type { Reach } from "#ports/reach.ts";
import { lookAtMachine } from "./commands.ts";
import { machineSight, rootDirectory } from "./replies.ts";

/** Where Docker keeps its images unless it was told otherwise. */
const usualDirectory = "/var/lib/docker";
const infoTimeoutMs = 5_000;

/** The machines by one command over SSH; this machine's own engine by its own file system. */
export function reachMachines({ reach }: { readonly reach: Reach }): Machines {
  const directories = new Map<string, string>();
  /** Asked once of each engine: to say it, Docker starts programs. */
  const directoryOf = async (at: EngineHost, signal: AbortSignal): Promise<string> => {
    const key = `${at.network.name} ${at.network.ssh ? at.host.name : at.network.dockerSocket}`;
    const directory = directories.get(key) ?? (await askEngine(reach, at, signal));
    if (directory !== undefined) directories.set(key, directory);
    return directory ?? usualDirectory;
  };
  return {
    async look(at, signal) {
      const directory = await directoryOf(at, signal);
      if (!at.network.ssh) return withDisk(await spaceHere(directory));
      const { stdout } = await reach.run(at.network, at.host, lookAtMachine(directory), signal);
      return machineSight(stdout);
    },
  };
}

const withDisk = (disk: DiskSpace | undefined) => (disk ? { disk } : {});

/** Undefined where the engine's directory is not on this machine, or not for our eyes. */
async function spaceHere(directory: string): Promise<DiskSpace | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(directory);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch {
    return undefined;
  }
}

/** An engine that does not say it keeps its images, as far as anybody knows, where all do. */
async function askEngine(reach: Reach, { network, host }: EngineHost, signal: AbortSignal) {
  try {
    const endpoint = await reach.open(network, { on: host, unix: network.dockerSocket }, signal);
    if (!("socketPath" in endpoint)) return undefined;
    return rootDirectory(await getInfo(endpoint.socketPath, signal));
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

function getInfo(socketPath: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(infoTimeoutMs)]);
    request({ socketPath, path: "/info", signal: inTime }, (response) => text(response).then(resolve, reject))
      .on("error", reject)
      .end();
  });
}
