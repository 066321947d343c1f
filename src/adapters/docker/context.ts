import { randomUUID } from "node:crypto";
import { lstat, readdir, readFile, realpath } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { PassThrough, pipeline, type Readable } from "node:stream";
import tarFs, { type Headers, type Pack } from "tar-fs";
import { SlipwayError } from "#core/errors.ts";
import type { ImageWish } from "#ports/images.ts";
import { ignoredBy } from "./dockerignore.ts";

const ignoreFile = ".dockerignore";
const ignoreLimitBytes = 1024 * 1024;

/** A build's directory and Dockerfile, both seen to lie within the checkout, whatever links it holds. */
export type Context = { readonly directory: string; readonly dockerfile: string };

export async function contextOf({ directory, context, dockerfile }: ImageWish): Promise<Context> {
  const top = await realpath(directory);
  return {
    directory: await within(top, context, "The build context"),
    dockerfile: await within(top, dockerfile, "The Dockerfile"),
  };
}

async function within(top: string, path: string, what: string): Promise<string> {
  let real: string;
  try {
    real = await realpath(join(top, path));
  } catch (error) {
    throw new SlipwayError("image.build-failed", `${what} "${path}" is not in the commit.`, {
      cause: error,
      advice: "Correct `build.image` in slipway.yaml.",
    });
  }
  if (real === top || real.startsWith(top + sep)) return real;
  throw new SlipwayError("image.build-failed", `${what} "${path}" leads out of the commit's own directory.`, {
    advice: "Name a path below the repository's top directory; links out of it are not followed.",
  });
}

/** The context as a tar, and the Dockerfile's name in it. Links are packed as links, never followed. */
export async function packContext({ directory, dockerfile }: Context): Promise<{ tar: Readable; dockerfile: string }> {
  const ignoreText = await ignoreTextOf(directory);
  const inside = relative(directory, dockerfile);
  const isInside = !inside.startsWith("..");
  const name = isInside ? inside : `.slipway-${randomUUID()}.dockerfile`;
  const isOut = ignoredBy(ignoreText);
  // The engine needs both to build; it takes them out of the context itself where the file ignores them.
  const needed = new Set([ignoreFile, ...(isInside ? [inside] : [])]);
  const entries = await walk(directory, "", (path) => !needed.has(path) && isOut(path));
  const text = await readFile(dockerfile);
  const options = {
    entries: isInside ? entries : entries.filter((path) => path !== ignoreFile),
    // Every path is named above; tar-fs must not go into directories by itself.
    ignore: () => true,
    strict: false,
    // The mode as it is in the commit, whatever umask the server has.
    umask: 0,
    map: (header: Headers) => ({ ...header, uid: 0, gid: 0 }),
    finalize: false,
    finish(pack: Pack) {
      if (!isInside) {
        pack.entry({ name }, text);
        pack.entry({ name: ignoreFile }, `${ignoreText}\n${name}\n${ignoreFile}\n`);
      }
      pack.finalize();
    },
  };
  const tar = new PassThrough();
  // An error of either destroys the other; whoever reads the tar sees it there.
  pipeline(tarFs.pack(directory, options), tar, () => {});
  return { tar, dockerfile: name };
}

async function ignoreTextOf(directory: string): Promise<string> {
  const path = join(directory, ignoreFile);
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isFile() || found.size > ignoreLimitBytes) return "";
  return readFile(path, "utf8");
}

/** Files, links and directories below `at` that are not left out; a left-out directory may hold something taken back in. */
async function walk(top: string, at: string, isOut: (path: string) => boolean): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(join(top, at), { withFileTypes: true })) {
    const path = at === "" ? entry.name : `${at}/${entry.name}`;
    if (!isOut(path) && (entry.isFile() || entry.isSymbolicLink() || entry.isDirectory())) found.push(path);
    if (entry.isDirectory()) found.push(...(await walk(top, path, isOut)));
  }
  return found;
}
