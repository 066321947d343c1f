import { createHash } from "node:crypto";
import { chmod, chown, constants, glob, mkdir, open, realpath, rm } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { markerName } from "#adapters/process/leftovers.ts";
import { runProcess } from "#adapters/process/run-process.ts";
import { type SystemUser, systemUser } from "#adapters/process/system-user.ts";
import type { StepSpec } from "#core/service.ts";
import { lastWords } from "#core/whole-words.ts";
import type { StepOutcome, Workspaces } from "#ports/workspace.ts";
import { readJunit, sumReports } from "./junit.ts";
import { stepEnvironment } from "./step-environment.ts";

const outputLimitBytes = 10 * 1024 * 1024;
const textLimitBytes = 1024 * 1024;
const reportLimitBytes = 10 * 1024 * 1024;
const reportsRead = 200;
const lastLinesLength = 4 * 1024;
const idPattern = /^[A-Za-z0-9-]{1,80}$/;

/** Workspaces below one directory: `<id>/tree` is the checkout, `<id>/home` the home of its steps. */
export function processWorkspaces({ directory }: { directory: string }): Workspaces {
  const placeOf = (id: string): string => {
    if (!idPattern.test(id)) throw new Error(`"${id}" cannot name a workspace`);
    return join(directory, id);
  };
  const close = (id: string) => removeTree(placeOf(id));
  return {
    async open(id) {
      await close(id);
      const user = await buildUser();
      await openDirectory(directory);
      await openDirectory(placeOf(id));
      await mkdir(join(placeOf(id), "home"), { mode: 0o700 });
      if (user) await chown(join(placeOf(id), "home"), user.uid, user.gid);
      // The tree is given to the user by its first step: until then git works in it, and does what its configuration says.
      await mkdir(join(placeOf(id), "tree"), { mode: 0o700 });
      return join(placeOf(id), "tree");
    },
    runStep: (tree, step, env, onOutput, signal) => runStep({ directory, tree, step, env }, onOutput, signal),
    readReports: (tree, pattern) => readReports(tree, pattern),
    readText: (tree, path) => readInside(tree, path, textLimitBytes),
    close,
  };
}

/** Steps run as this user when the server is root: it owns nothing but workspaces. */
const buildUser = (): Promise<SystemUser | undefined> => systemUser(["slipway-build"]);

/** The build user may pass through and not look around. */
async function openDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o711);
}

type Running = { directory: string; tree: string; step: StepSpec; env: Readonly<Record<string, string>> };

async function runStep(
  { directory, tree, step, env }: Running,
  onOutput: (text: string) => void,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const user = await buildUser();
  const home = join(dirname(tree), "home");
  const own = await stepEnvironment({ home, user, binDirectory: join(directory, "bin") });
  if (user) await giveTo(user, tree, signal);
  for (const path of step.cache)
    await linkCache(
      { home, path, user, keep: join(directory, "cache", keyOf(env.SLIPWAY_SOURCE ?? "", path)) },
      signal,
    );
  const end = await runProcess({
    // What the repository names begins to count once the rights are given up: its PATH or LD_PRELOAD is not root's.
    argv: asUser(user, ["env", ...assignments({ ...env, ...step.env }), "sh", "-eu", "-c", step.run]),
    cwd: tree,
    env: own,
    timeoutMs: step.timeoutMs,
    outputLimitBytes,
    onOutput,
    signal,
  });
  const { exitCode, timedOut, outputCut, tail } = end;
  return {
    timedOut,
    outputCut,
    lastLines: lastWords(tail, lastLinesLength),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(end.signal === undefined ? {} : { signal: end.signal }),
  };
}

/** Without any right of root's, nor a way back to one. */
const asUser = (user: SystemUser | undefined, argv: readonly [string, ...string[]]): [string, ...string[]] =>
  user
    ? ["setpriv", `--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups", "--no-new-privs", "--", ...argv]
    : [...argv];

/** As `env` takes them. The mark by which a step's daemons are found is not the repository's to set. */
const assignments = (values: Readonly<Record<string, string>>): string[] =>
  Object.entries(values)
    .filter(([name]) => /^[A-Za-z_]\w*$/.test(name) && name !== markerName)
    .map(([name, value]) => `${name}=${value}`);

/** The checkout was made by the server; the steps own it. Links are not followed. */
async function giveTo(user: SystemUser, tree: string, signal: AbortSignal): Promise<void> {
  const argv = ["chown", "-R", "--no-dereference", `${user.uid}:${user.gid}`, "--", tree] as const;
  const end = await runProcess({ argv: [...argv], env: { PATH: "/usr/bin:/bin" }, signal });
  if (end.exitCode !== 0) throw new Error(`chown of a workspace failed: ${end.stderr}`);
}

/** One kept directory for each source and path: a cache that one source filled is not read by another. */
const keyOf = (source: string, path: string): string =>
  createHash("sha256").update(`${source}\0${path}`).digest("hex").slice(0, 24);

type CacheLink = { home: string; path: string; user: SystemUser | undefined; keep: string };

/** The home is the steps' own: what is done in it is done as their user, or a link that one left would be root's act. */
async function linkCache({ home, path, user, keep }: CacheLink, signal: AbortSignal): Promise<void> {
  const link = join(home, path.replace(/^~\//, ""));
  if (!link.startsWith(home + sep)) throw new Error(`the cache ${path} is not below the home directory`);
  await openDirectory(dirname(keep));
  await mkdir(keep, { recursive: true, mode: 0o700 });
  if (user) await chown(keep, user.uid, user.gid);
  const script = '[ -e "$2" ] || [ -L "$2" ] || { mkdir -p -- "$3" && ln -s -- "$1" "$2"; }';
  const argv = asUser(user, ["sh", "-c", script, "sh", keep, link, dirname(link)]);
  const end = await runProcess({ argv, env: { PATH: "/usr/bin:/bin" }, cwd: home, signal });
  if (end.exitCode !== 0) throw new Error(`the cache ${path} could not be put in place: ${end.stderr}`);
}

async function readReports(tree: string, pattern: string) {
  if (pattern.startsWith("/") || pattern.split("/").includes("..")) return undefined;
  const reports = [];
  for await (const path of glob(pattern, { cwd: tree })) {
    if (reports.length >= reportsRead) break;
    const text = await readInside(tree, path, reportLimitBytes);
    if (text !== undefined) reports.push(readJunit(text, path));
  }
  return reports.length === 0 ? undefined : sumReports(reports);
}

/** A file of the tree, or undefined; a link that leads out of it counts as missing. */
async function readInside(tree: string, path: string, limitBytes: number): Promise<string | undefined> {
  const root = await realpath(tree);
  const real = await realpath(join(root, path)).catch(() => undefined);
  if (!real?.startsWith(root + sep)) return undefined;
  // Between realpath and open a step's leftover could put a link there: there are none, and NOFOLLOW refuses it.
  const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = await file.stat();
    if (!found.isFile()) return undefined;
    const wanted = Math.min(found.size, limitBytes);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(wanted), 0, wanted, 0);
    return buffer.subarray(0, bytesRead).toString("utf8");
  } finally {
    await file.close();
  }
}

/** A step may have taken its own rights away; as a plain user those are given back first. */
async function removeTree(path: string): Promise<void> {
  if (process.getuid?.() !== 0)
    await runProcess({
      argv: ["chmod", "-R", "u+rwX", "--", path],
      env: { PATH: "/usr/bin:/bin" },
      signal: AbortSignal.timeout(60_000),
    });
  await rm(path, { recursive: true, force: true });
}
