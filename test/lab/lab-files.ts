/** Where a lab's state lives. Everything a later process needs to take the lab down is here or in /proc. */
import { existsSync, readdirSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startedAt, textOrNothing } from "./proc.ts";

/** On a real file system: an engine's layers cannot sit on an overlay or survive in memory. */
export const labsDir = "/var/lib/slipway-lab";
const prefixPattern = /^[a-z][a-z0-9-]{0,19}$/;

interface Owner {
  readonly pid: number;
  readonly startedAt: string;
}

export function labDir(prefix: string): string {
  if (!prefixPattern.test(prefix))
    throw new RangeError(`A lab's prefix is a letter, then up to 19 of a-z 0-9 -, not "${prefix}".`);
  return join(labsDir, prefix);
}

export const nodeDir = (dir: string, node: string): string => join(dir, "nodes", node);

/** The parent of all cgroups the lab's engines make, relative to each hierarchy. */
export const cgroupName = (prefix: string): string => `slipway-lab-${prefix}`;

/** A directory that is being filled has this name: it becomes the lab's only when it says who owns it. */
const stagingDir = (prefix: string, pid: number): string => join(labsDir, `.${prefix}~${pid}`);

/** Makes the lab's directory, owned by this process. Two processes cannot both succeed. */
export async function claim(prefix: string): Promise<string> {
  const dir = labDir(prefix);
  const staging = stagingDir(prefix, process.pid);
  await mkdir(staging, { recursive: true });
  const owner: Owner = { pid: process.pid, startedAt: startedAt(process.pid) ?? "" };
  await writeFile(join(staging, "owner.json"), JSON.stringify(owner));
  try {
    await rename(staging, dir);
  } catch (cause) {
    await rm(staging, { recursive: true });
    throw new Error(`Lab ${prefix} is being brought up by another process.`, { cause });
  }
  return dir;
}

/** The process that brought the lab up, if it still lives. */
export function livingOwner(prefix: string): number | undefined {
  const text = textOrNothing(join(labDir(prefix), "owner.json"));
  if (text === undefined) return undefined;
  const owner = JSON.parse(text) as Owner;
  return startedAt(owner.pid) === owner.startedAt ? owner.pid : undefined;
}

/** Directories of this prefix on disk: the lab's own, and those a killed bring-up was still filling. */
export function directoriesOf(prefix: string): string[] {
  const names = existsSync(labsDir) ? readdirSync(labsDir) : [];
  return names.filter((name) => name === prefix || name.startsWith(`.${prefix}~`)).map((name) => join(labsDir, name));
}

/** Prefixes of the labs on disk whose owner is dead. */
export function deadLabs(): string[] {
  const names = existsSync(labsDir) ? readdirSync(labsDir) : [];
  const prefixes = new Set(names.map((name) => name.replace(/^\.(.*)~\d+$/, "$1")));
  return [...prefixes].filter((name) => prefixPattern.test(name) && livingOwner(name) === undefined);
}
