import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "#core/errors.ts";
import { Secret } from "#core/secret.ts";
import type { Secrets } from "#ports/secrets.ts";
import { KeptVersions } from "./kept-versions.ts";

const namePattern = /^[A-Z][A-Z0-9_]*$/;
const sizeLimitBytes = 64 * 1024;

const variablePrefix = "SLIPWAY_SECRET_";

type Places = { readonly directory: string; readonly env: Readonly<Record<string, string | undefined>> };

export type FileSecrets = Secrets & {
  /**
   * Every value that is set or kept is known, so that a text of an earlier life of the server is masked before anything
   * asked for its secret. A file that cannot be read is refused where it is asked for, not here.
   */
  remember(): Promise<void>;
};

/** Secrets from `<directory>/NAME`, else from SLIPWAY_SECRET_NAME. Read anew each time, so that one can be changed. */
export function fileSecrets({ directory, env }: Places): FileSecrets {
  const seen = new Map<string, Secret>();
  const versions = new KeptVersions(join(directory, "versions"));
  const remember = (value: string): Secret => {
    const secret = seen.get(value) ?? new Secret(value);
    seen.set(value, secret);
    return secret;
  };
  return {
    async reveal(name, version) {
      if (version === undefined) return remember(await currentValue(name, { directory, env }));
      const kept = namePattern.test(name) ? await versions.read(name, version) : undefined;
      if (kept !== undefined) return remember(kept);
      throw missing(`The value that secret ${name} had then (version ${version}) is not kept any more.`);
    },
    async keep(name) {
      const value = await currentValue(name, { directory, env });
      remember(value);
      return versions.keep(name, value);
    },
    async remember() {
      for (const value of await versions.all()) remember(value);
      for (const name of await namesIn({ directory, env })) {
        const value = await currentValue(name, { directory, env }).catch(() => undefined);
        if (value !== undefined) remember(value);
      }
    },
    known: () => [...seen.values()],
  };
}

async function namesIn({ directory, env }: Places): Promise<readonly string[]> {
  const files = await readdir(directory).catch(() => []);
  const variables = Object.keys(env).filter((key) => key.startsWith(variablePrefix));
  const names = [...files, ...variables.map((key) => key.slice(variablePrefix.length))];
  return names.filter((name) => namePattern.test(name));
}

async function currentValue(name: string, { directory, env }: Places): Promise<string> {
  if (!namePattern.test(name)) throw missing(`${JSON.stringify(name)} is no name of a secret: A-Z, 0-9 and _ only.`);
  const path = join(directory, name);
  const variable = `${variablePrefix}${name}`;
  const value = (await readFile(path, name)) ?? env[variable];
  if (value === undefined) throw missing(`Secret ${name} is not set: neither ${path} nor ${variable} exists.`);
  if (value === "") throw missing(`Secret ${name} is empty.`);
  return value;
}

/** The content without its last newline; `undefined` where there is no such file. */
async function readFile(path: string, name: string): Promise<string | undefined> {
  try {
    await using file = await open(path);
    const { mode, size } = await file.stat();
    if (mode & 0o077) {
      const octal = (mode & 0o777).toString(8).padStart(4, "0");
      throw missing(`Secret ${name}: ${path} may be read by others (mode ${octal}).`, `chmod 600 ${path}`);
    }
    if (size > sizeLimitBytes) throw missing(`Secret ${name}: ${path} is larger than 64 KiB.`);
    return (await file.readFile("utf8")).replace(/\r?\n$/, "");
  } catch (error) {
    if (error instanceof SlipwayError) throw error;
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return undefined;
    const words = error instanceof Error ? error.message : String(error);
    throw new SlipwayError("secret.missing", `Secret ${name} could not be read: ${words}.`, { cause: error });
  }
}

const missing = (message: string, advice?: string): SlipwayError =>
  new SlipwayError("secret.missing", message, advice === undefined ? {} : { advice });
