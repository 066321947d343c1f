import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument } from "yaml";

export type HelloWish = {
  /** A number that the service shows, e.g. 2. */
  readonly version: number;
  /** The registry that the image goes to, `host:port`. */
  readonly registry: string;
  /** The image that the service's image stands on, as the builder's engine names it. */
  readonly base: string;
  /** The new version's health check never passes; it prints why. */
  readonly breakHealth?: boolean;
  /** One unit test of the new version fails. */
  readonly breakTest?: boolean;
  /** `host` where the engine has no bridge network, as in the lab. */
  readonly network?: "bridge" | "host";
  /** The port the program listens on; 8080 where it is not given. */
  readonly port?: number;
  /** Replaces whole values of slipway.yaml, e.g. `[["environments", "integration", "rollout", "drain"], false]`. */
  readonly settings?: readonly (readonly [path: readonly string[], value: unknown])[];
};

/** What version 3 prints on standard error; the demo and the tests look for it. */
export const brokenHealthError = "Error: cannot connect to the session store at redis:6379";

/** The name of the unit test that `breakTest` makes fail. */
export const brokenTestName = "the greeting names the version, then the host";

const source = join(import.meta.dirname, "hello");

/**
 * The directory holds the sample service as of this version, ready to commit. Files of other names stay as they are,
 * so the next version can be written over the last one in the same repository.
 */
export const writeHello = async (directory: string, wish: HelloWish): Promise<void> => {
  await cp(join(source, "service"), directory, { recursive: true });
  if (wish.breakHealth) await cp(join(source, "broken/sessions.js"), join(directory, "sessions.js"));
  if (wish.breakTest) await cp(join(source, "broken/greeting.js"), join(directory, "greeting.js"));
  const file = join(directory, "slipway.yaml");
  await writeFile(file, withSettings(await readFile(file, "utf8"), settingsOf(wish)));
};

type Setting = readonly [path: readonly string[], value: unknown];

const settingsOf = (wish: HelloWish): Setting[] => [
  [["build", "image", "repository"], `${wish.registry}/acme/hello`],
  [["build", "image", "args"], { BASE: wish.base, VERSION: String(wish.version) }],
  ...(wish.port === undefined
    ? []
    : [[["run", "port"], wish.port] as const, [["run", "env", "PORT"], String(wish.port)] as const]),
  ...(wish.network ? [[["run", "network"], wish.network] as const] : []),
  ...(wish.settings ?? []),
];

// The document is changed, not rebuilt, so that what the demo commits still looks like a person's file.
const withSettings = (text: string, settings: readonly Setting[]): string => {
  const document = parseDocument(text);
  for (const [path, value] of settings) document.setIn(path, document.createNode(value));
  return document.toString({ lineWidth: 0 });
};
