/** Taking a lab down from what is on disk and in /proc alone: its own process may have been killed at any moment. */
import { existsSync, readdirSync } from "node:fs";
import { rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { cgroupName, directoriesOf, labDir, labsDir } from "./lab-files.ts";
import { allPids, argvOf } from "./proc.ts";
import { until } from "./until.ts";

const cgroupRoot = "/sys/fs/cgroup";
const downLimitMs = 10_000;

/** When it resolves nothing of the lab is left: no process, namespace, mount, cgroup or file. Safe to call twice. */
export async function labDown(prefix: string): Promise<void> {
  const dir = labDir(prefix);
  // All that is in a node dies with its process 1, and the namespaces and mounts with the last process in them.
  await until(
    `processes of lab ${prefix} are still there`,
    () => {
      const pids = nodeProcesses(dir);
      for (const pid of pids) killIfThere(pid);
      return pids.length === 0 ? true : undefined;
    },
    { limitMs: downLimitMs },
  );
  await removeCgroups(cgroupName(prefix));
  for (const path of directoriesOf(prefix)) await rm(path, { recursive: true, force: true, maxRetries: 5 });
  await rmdir(labsDir).catch(unlessUsed);
}

/** The processes 1 of the lab's nodes and their `unshare` parents, known by their arguments: a pid in a file may be stale. */
export function nodeProcesses(dir: string): number[] {
  return allPids().filter((pid) => {
    const argv = argvOf(pid);
    const script = argv.findIndex((word) => word.endsWith("/node-init.sh"));
    return script >= 0 && argv[script + 1] === dir;
  });
}

/** A cgroup is where the hierarchy keeps it: directly below the root in version 2, below each controller in version 1. */
export function cgroupsNamed(name: string): string[] {
  const hierarchies = readdirSync(cgroupRoot, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [cgroupRoot, ...hierarchies.map((entry) => join(cgroupRoot, entry.name))]
    .map((hierarchy) => join(hierarchy, name))
    .filter((path) => existsSync(path));
}

/** Retried: the kernel lets go of a killed process's cgroup a moment after the process. */
export async function removeCgroups(name: string): Promise<void> {
  await until(
    `cgroup ${name} is still in use`,
    async () => {
      for (const path of cgroupsNamed(name)) await removeTree(path).catch(unlessUsed);
      return cgroupsNamed(name).length === 0 ? true : undefined;
    },
    { limitMs: downLimitMs },
  );
}

/** Only directories can be removed from a cgroup; its files are not real. */
async function removeTree(path: string): Promise<void> {
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) await removeTree(join(path, entry.name));
  await rmdir(path);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function unlessUsed(error: NodeJS.ErrnoException): void {
  if (!["EBUSY", "ENOTEMPTY", "ENOENT"].includes(error.code ?? "")) throw error;
}
