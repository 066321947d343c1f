import { createWriteStream, realpathSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { pack } from "tar-fs";
import { findProgram } from "../scripts/setup/programs.ts";
import { mustRun } from "../scripts/setup/run-command.ts";

const stripDeadlineMs = 60_000;

/**
 * The path of a tar of a root file system that can run this machine's Node and nothing else: the program, stripped,
 * the shared libraries it names, and a user. Made once per Node version, kept in the directory.
 */
export const baseImageTar = async (cacheDirectory: string): Promise<string> => {
  await mkdir(cacheDirectory, { recursive: true });
  const file = join(cacheDirectory, `base-node-${process.version}-${process.arch}.tar`);
  if (await stat(file).catch(() => undefined)) return file;
  const work = await mkdtemp(join(cacheDirectory, "making-"));
  try {
    const root = join(work, "root");
    await fillRoot(root);
    const unfinished = join(work, "image.tar");
    await pipeline(pack(root, { map: ownedByRoot }), createWriteStream(unfinished));
    // Two that make it at once each put a whole file in place.
    await rename(unfinished, file);
    return file;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
};

const fillRoot = async (root: string): Promise<void> => {
  for (const directory of ["app", "etc", "proc", "sys", "dev"]) await mkdir(join(root, directory), { recursive: true });
  await mkdir(join(root, "tmp"), { mode: 0o1777 });
  await writeFile(join(root, "etc/passwd"), "root:x:0:0::/:/sbin/nologin\napp:x:1000:1000::/app:/sbin/nologin\n");
  await writeFile(join(root, "etc/group"), "root:x:0:\napp:x:1000:\n");
  await writeFile(join(root, "etc/nsswitch.conf"), "hosts: files dns\n");
  const node = join(root, "usr/local/bin/node");
  await copyInto(process.execPath, node);
  // A third smaller; where there is no strip the image is bigger and just as good.
  if (findProgram("strip")) await mustRun(["strip", node], { deadlineMs: stripDeadlineMs });
  const listing = await mustRun(["ldd", process.execPath], { deadlineMs: 10_000 });
  for (const library of librariesOf(listing)) await copyInto(realpathSync(library), join(root, library));
};

/** The paths that `ldd` names, among them the dynamic loader: it stands without an arrow. */
export const librariesOf = (lddOutput: string): string[] => [
  ...new Set([...lddOutput.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map(([, path = ""]) => path)),
];

const copyInto = async (source: string, target: string): Promise<void> => {
  await mkdir(dirname(target), { recursive: true });
  await copyFile(source, target);
};

const ownedByRoot = <Header extends { uid: number; gid: number }>(header: Header): Header =>
  Object.assign(header, { uid: 0, gid: 0 });
