import { copyFile, mkdir, rename, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { canBeEntered } from "#adapters/process/passage.ts";
import type { SystemUser } from "#adapters/process/system-user.ts";

const usualPath = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/**
 * All that a step gets of this machine: where programs are, a home of its own, and that it runs without a person.
 * Nothing of the server's own environment; of its PATH only what the step's user can enter.
 */
export async function stepEnvironment(at: {
  home: string;
  user: SystemUser | undefined;
  binDirectory: string;
}): Promise<Record<string, string>> {
  const own = await passable(
    (process.env.PATH ?? "").split(":").filter((part) => part.startsWith("/")),
    at.user,
  );
  const path = [await nodeDirectory(at), ...usualPath, ...own];
  const name = at.user?.name ?? "slipway";
  return {
    PATH: [...new Set(path)].join(":"),
    HOME: at.home,
    USER: name,
    LOGNAME: name,
    LANG: "C.UTF-8",
    CI: "true",
    TMPDIR: "/tmp",
  };
}

async function passable(directories: readonly string[], user: SystemUser | undefined): Promise<readonly string[]> {
  if (!user) return directories;
  // A directory of the PATH that does not exist is nothing to complain about.
  const may = await Promise.all(directories.map((directory) => canBeEntered(directory).catch(() => false)));
  return directories.filter((_, index) => may[index]);
}

/** The Node that runs the server serves the steps too; where their user cannot reach it, a copy does. */
async function nodeDirectory({
  user,
  binDirectory,
}: {
  user: SystemUser | undefined;
  binDirectory: string;
}): Promise<string> {
  if (!user || (await canBeEntered(process.execPath))) return dirname(process.execPath);
  const copy = join(binDirectory, "node");
  const [wanted, kept] = await Promise.all([stat(process.execPath), stat(copy).catch(() => undefined)]);
  if (kept?.size === wanted.size) return binDirectory;
  await mkdir(binDirectory, { recursive: true, mode: 0o755 });
  await copyFile(process.execPath, `${copy}.part`);
  await rename(`${copy}.part`, copy);
  return binDirectory;
}
