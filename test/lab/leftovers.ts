import { readdirSync, readlinkSync } from "node:fs";
import { cgroupsNamed, nodeProcesses } from "./lab-down.ts";
import { cgroupName, directoriesOf, labDir } from "./lab-files.ts";
import { allPids, textOrNothing } from "./proc.ts";

/** The namespaces that belong to the lab's nodes, as the kernel names them ("net:[4026532001]"). Asked while it is up. */
export function namespacesOf(prefix: string): string[] {
  const own = new Set(nodeProcesses(labDir(prefix)).flatMap(namespacesOfProcess));
  for (const shared of namespacesOfProcess(process.pid)) own.delete(shared);
  return [...own];
}

/** What is left of a lab on this machine, one line each; empty after a clean end. */
export function leftovers(prefix: string, namespaces: readonly string[] = []): string[] {
  const dir = labDir(prefix);
  const inside = allPids().filter((pid) => namespacesOfProcess(pid).some((name) => namespaces.includes(name)));
  const mounts =
    textOrNothing("/proc/self/mounts")
      ?.split("\n")
      .filter((line) => line.includes(`${dir}/`)) ?? [];
  return [
    ...[...new Set([...nodeProcesses(dir), ...inside])].map((pid) => `process ${pid}`),
    ...mounts.map((line) => `mount ${line}`),
    ...cgroupsNamed(cgroupName(prefix)).map((path) => `cgroup ${path}`),
    ...directoriesOf(prefix).map((path) => `directory ${path}`),
  ];
}

function namespacesOfProcess(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/ns`).map((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`));
  } catch {
    // The process ended while we looked: it holds no namespace.
    return [];
  }
}
