import { existsSync } from "node:fs";
import { readdir, readFile, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { bridgeOf, removeBridge } from "./bridge.ts";
import { callEngine, containersWith, engineVersion } from "./engine-api.ts";
import { isAlive } from "./owner.ts";
import { type ProcessSight, processesBelow, processesInGroup, signalProcess } from "./processes.ts";
import { runCommand } from "./run-command.ts";
import { waitUntil } from "./wait-until.ts";

/** /var/tmp is a real file system where /tmp may be memory; and the socket's path must stay under 108 characters. */
export const engineDirectoryPrefix = "/var/tmp/slipway-engine-";

const containerDeadlineMs = 30_000;
const stopDeadlineMs = 20_000;
const killDeadlineMs = 5_000;

/** Nothing of the engine in this directory is left. Safe to repeat, also after it was interrupted. */
export const removeEngine = async (directory: string): Promise<void> => {
  await removeContainers(join(directory, "docker.sock"));
  await endProcesses(directory, "SIGTERM", stopDeadlineMs);
  await endProcesses(directory, "SIGKILL", killDeadlineMs);
  for (const point of await mountsBelow(directory)) await runCommand(["umount", "-l", point], { deadlineMs: 5_000 });
  await removeBridge(bridgeOf(directory));
  await removeCgroups(bridgeOf(directory));
  await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
};

/** Engines whose owner was killed before it could stop them. */
export const sweepDeadEngines = async (): Promise<void> => {
  const parent = dirname(engineDirectoryPrefix);
  for (const name of await readdir(parent)) {
    if (!name.startsWith(basename(engineDirectoryPrefix))) continue;
    const directory = join(parent, name);
    const owner = await readFile(join(directory, "owner"), "utf8").catch(() => "");
    // Without an owner's line it is being made this very moment by somebody else.
    if (owner && !(await isAlive(owner))) await removeEngine(directory);
  }
};

// An engine that is told to end gives each container its grace first; nobody here needs that.
const removeContainers = async (socketPath: string): Promise<void> => {
  if (!existsSync(socketPath) || !(await engineVersion(socketPath))) return;
  const removals = (await containersWith(socketPath)).map(({ id }) =>
    callEngine({
      socketPath,
      method: "DELETE",
      path: `/containers/${id}?force=1&v=1`,
      deadlineMs: containerDeadlineMs,
    }),
  );
  // One that cannot be removed ends with the engine's processes below.
  await Promise.allSettled(removals);
};

/** dockerd first, by itself: it ends its own containerd and shims in order. What it leaves is killed. */
const endProcesses = async (directory: string, signal: "SIGTERM" | "SIGKILL", deadlineMs: number): Promise<void> => {
  const pid = Number(await readFile(join(directory, "docker.pid"), "utf8").catch(() => ""));
  const found = await engineProcesses(directory);
  const targets = signal === "SIGTERM" ? found.filter((process) => process.pid === pid) : found;
  for (const target of targets) signalProcess(target.pid, signal);
  if (targets.length === 0) return;
  const areGone = async () => (await engineProcesses(directory)).every(({ pid: left }) => !isOneOf(left, targets));
  await waitUntil(areGone, deadlineMs, () => "still there").catch(() => {
    // The caller goes on with SIGKILL, and then with what can be removed in any case.
  });
};

const engineProcesses = async (directory: string): Promise<ProcessSight[]> => [
  ...(await processesBelow(directory)),
  ...(await processesInGroup(bridgeOf(directory))),
];

const isOneOf = (pid: number, targets: readonly { pid: number }[]): boolean =>
  targets.some((target) => target.pid === pid);

/** Deepest first. Field 5 of mountinfo is the mount point, with \040 for a space. */
const mountsBelow = async (directory: string): Promise<string[]> => {
  const lines = (await readFile("/proc/self/mountinfo", "utf8")).split("\n");
  const points = lines.map((line) => line.split(" ")[4]?.replaceAll("\\040", " ") ?? "");
  return points.filter((point) => point.startsWith(`${directory}/`)).sort((a, b) => b.length - a.length);
};

/** The kernel refuses to remove a group that still has members; those would have been found above. */
const removeCgroups = async (name: string): Promise<void> => {
  const root = "/sys/fs/cgroup";
  const hierarchies = [root, ...(await readdir(root).catch(() => [])).map((entry) => join(root, entry))];
  for (const hierarchy of hierarchies) await removeGroup(join(hierarchy, name));
};

const removeGroup = async (path: string): Promise<void> => {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeGroup(join(path, entry.name));
  await rmdir(path).catch(() => {});
};
