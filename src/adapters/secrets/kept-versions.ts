import { createHmac, randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** As many releases as anybody rolls back over, and some more. */
const versionsKept = 20;
const idLength = 16;
const keyBytes = 32;
const versionPattern = /^[0-9a-f]{16}$/;

/**
 * Values that releases were rolled out with, each in a file of its own beside the secrets, readable by the server alone.
 * A version's name is a keyed hash: whoever reads it in the database cannot guess at the value.
 */
export class KeptVersions {
  readonly #directory: string;
  #key: Promise<Buffer> | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The value is kept when it resolves; the same value of the same name has the same version. */
  async keep(name: string, value: string): Promise<string> {
    const place = join(this.#directory, name);
    await mkdir(place, { recursive: true, mode: 0o700 });
    const id = createHmac("sha256", await this.#readKey())
      .update(`${name}\0${value}`)
      .digest("hex")
      .slice(0, idLength);
    const path = join(place, id);
    if (await exists(path)) {
      const now = new Date();
      await utimes(path, now, now);
      return id;
    }
    await writeWhole(path, value);
    await forgetOldest(place);
    return id;
  }

  /** Undefined where nothing is kept under it any more. */
  async read(name: string, version: string): Promise<string | undefined> {
    if (!/^[0-9a-f]+$/.test(version)) return undefined;
    return readFile(join(this.#directory, name, version), "utf8").catch(ifMissing);
  }

  /** Every value of every name that is kept. */
  async all(): Promise<readonly string[]> {
    const entries = await readdir(this.#directory, { recursive: true, withFileTypes: true }).catch(ifMissing);
    const kept = (entries ?? []).filter((entry) => entry.isFile() && versionPattern.test(entry.name));
    const values = await Promise.all(
      kept.map((entry) => readFile(join(entry.parentPath, entry.name), "utf8").catch(ifMissing)),
    );
    return values.filter((value) => value !== undefined);
  }

  #readKey(): Promise<Buffer> {
    this.#key ??= this.#makeKey().catch((error) => {
      // A disk that was full is not full for ever.
      this.#key = undefined;
      throw error;
    });
    return this.#key;
  }

  async #makeKey(): Promise<Buffer> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const path = join(this.#directory, "key");
    if (!(await exists(path))) await writeWhole(path, randomBytes(keyBytes).toString("hex"));
    return Buffer.from(await readFile(path, "utf8"), "hex");
  }
}

/** Killed in the middle, the file is not there at all. */
async function writeWhole(path: string, text: string): Promise<void> {
  const half = `${path}.${randomBytes(4).toString("hex")}.new`;
  {
    await using file = await open(half, "wx", 0o600);
    await writeFile(file, text);
    await file.sync();
  }
  await rename(half, path);
}

async function forgetOldest(place: string): Promise<void> {
  const names = (await readdir(place)).map((name) => join(place, name));
  const dated = await Promise.all(names.map(async (path) => ({ path, at: (await stat(path)).mtimeMs })));
  const old = dated.sort((a, b) => b.at - a.at).slice(versionsKept);
  await Promise.all(old.map(({ path }) => rm(path, { force: true })));
}

const exists = async (path: string): Promise<boolean> => (await stat(path).catch(ifMissing)) !== undefined;

function ifMissing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}
