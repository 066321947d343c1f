import { createHash } from "node:crypto";
import { glob, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mustRun } from "./run-command.ts";

const root = join(import.meta.dirname, "../..");
const stampFile = join(root, "dist/web/.sources");
const buildDeadlineMs = 180_000;

/** What the page is made of: its own files, the shapes it shares with the server, and the packages. */
const sources = ["src/web/**/*", "src/contract/**/*", "src/core/**/*", "package-lock.json"];

/** `dist/web` is built from the present sources when it resolves; `true` where it had to be built. */
export const ensurePage = async (say: (line: string) => void = tell): Promise<boolean> => {
  const wanted = await hashOf(sources);
  if ((await readFile(stampFile, "utf8").catch(() => "")) === wanted) return false;
  say("builds the page");
  const vite = join(root, "node_modules/vite/bin/vite.js");
  const config = join(root, "src/web/vite.config.ts");
  await mustRun([process.execPath, vite, "build", "--config", config], { deadlineMs: buildDeadlineMs, cwd: root });
  await writeFile(stampFile, wanted);
  return true;
};

const tell = (line: string): void => {
  process.stderr.write(`slipway: ${line}\n`);
};

/** Names and contents: times change with every checkout. */
const hashOf = async (patterns: readonly string[]): Promise<string> => {
  const hash = createHash("sha256");
  const entries = await Array.fromAsync(glob([...patterns], { cwd: root, withFileTypes: true }));
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.sort())
    hash
      .update(file.slice(root.length))
      .update("\0")
      .update(await readFile(file));
  return hash.digest("hex");
};
