import { createHash } from "node:crypto";
import { access, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runProcess } from "#adapters/process/run-process.ts";
import { SlipwayError } from "#core/errors.ts";
import type { SourceSpec } from "#core/fleet.ts";
import type { Commit } from "#core/release.ts";
import type { Source } from "#ports/source.ts";
import * as commands from "./commands.ts";
import { failureCode, isSha, plainLine, readHeads, withoutPasswords } from "./replies.ts";

const lastLinesShown = 8;

/** Any repository that the git program can read. What was fetched is kept in `cacheDirectory`, one bare repository a source. */
export function gitSource({ cacheDirectory }: { cacheDirectory: string }): Source {
  const repository = new Git(cacheDirectory);
  return {
    async heads(source, signal) {
      const output = await repository.run(
        source,
        { doing: "read the heads of", args: commands.lsRemote(addressOf(source)) },
        signal,
      );
      return readHeads(output);
    },
    checkout: (source, want, directory, signal) => repository.checkout(source, want, directory, signal),
  };
}

type Call = { readonly doing: string; readonly args: readonly string[] };

class Git {
  readonly #directory: string;
  /** Two fetches into one cache at once would wait for each other's locks and fail. */
  readonly #fetching = new Map<string, Promise<unknown>>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  async run(source: SourceSpec, { doing, args }: Call, signal: AbortSignal): Promise<string> {
    const sshConfig = join(await this.#directoryOf(source), "ssh_config");
    await writeFile(sshConfig, commands.sshConfig(source), { mode: 0o600 });
    const env = commands.gitEnvironment({ path: process.env.PATH ?? "/usr/bin:/bin", sshConfig, address: source.git });
    const end = await runProcess({ argv: ["git", ...args], env, cwd: "/", signal });
    if (end.outputCut) throw new Error(`git said more than can be kept when asked to ${doing} ${source.name}`);
    if (end.exitCode === 0) return end.stdout;
    const words = withoutPasswords(end.stderr.trim().split("\n").slice(-lastLinesShown).join("\n"));
    const address = withoutPasswords(source.git);
    throw new SlipwayError(
      failureCode(words),
      `Could not ${doing} ${source.name} (${address}): ${words.split("\n").at(-1) || "git gave no reason"}`,
      {
        command: `git ${args
          .filter((arg) => !commands.safety.includes(arg))
          .map(withoutPasswords)
          .join(" ")}`,
        exit: end.signal ?? String(end.exitCode),
        lastLines: words,
      },
    );
  }

  async checkout(
    source: SourceSpec,
    { sha, branch }: { sha: string; branch: string },
    directory: string,
    signal: AbortSignal,
  ): Promise<Commit> {
    if (!isSha(sha)) throw new SlipwayError("source.commit-missing", `"${sha}" is not the name of a commit.`);
    const cache = await this.#fetch(source, { sha, branch }, signal);
    await empty(directory);
    const call = (doing: string, args: readonly string[]) => this.run(source, { doing, args }, signal);
    await call("prepare a checkout of", ["init", "--quiet", "--", directory]);
    await call("take the commit from the cache of", commands.fetchInto(directory, cache, sha));
    await call(`check out ${sha.slice(0, 12)} of`, commands.checkOut(directory, sha));
    if (await isThere(join(directory, ".gitmodules"))) {
      await call("prepare the submodules of", commands.nameOrigin(directory, addressOf(source)));
      await call("fetch the submodules of", commands.updateSubmodules(directory, source.git));
    }
    const [subject = "", author = ""] = (
      await call("describe the commit of", commands.describeCommit(directory, sha))
    ).split("\0");
    return { sha, branch, subject: plainLine(subject), author: plainLine(author) };
  }

  /** The commit is in the cache when it resolves. */
  async #fetch(source: SourceSpec, want: { sha: string; branch: string }, signal: AbortSignal): Promise<string> {
    const cache = join(await this.#directoryOf(source), "repository.git");
    const before = this.#fetching.get(cache) ?? Promise.resolve();
    const fetching = before.then(() => this.#fetchNow(source, cache, { ...want, signal }));
    // The next one in the row does not care how this one ended.
    this.#fetching.set(
      cache,
      fetching.catch(() => undefined),
    );
    await fetching;
    return cache;
  }

  async #fetchNow(
    source: SourceSpec,
    cache: string,
    { sha, branch, signal }: { sha: string; branch: string; signal: AbortSignal },
  ) {
    const call = (doing: string, args: readonly string[]) => this.run(source, { doing, args }, signal);
    const has = () =>
      call("look into the cache of", commands.hasCommit(cache, sha)).then(
        () => true,
        () => false,
      );
    if (!(await isThere(join(cache, "HEAD")))) await call("make a cache for", commands.initBare(cache));
    if (await has()) return;
    // Only one fetch is under way here; a git that was killed leaves its lock for ever.
    for (const lock of [`${commands.keptRef}.lock`, "shallow.lock", "packed-refs.lock"])
      await rm(join(cache, lock), { force: true });
    try {
      await call("fetch the commit from", commands.fetchCommit(cache, addressOf(source), sha));
    } catch (error) {
      signal.throwIfAborted();
      // Older servers give only what a ref names.
      const head = `refs/heads/${branch}`;
      await call("fetch the branch from", commands.fetchCommit(cache, addressOf(source), head));
      if (!(await has()))
        throw new SlipwayError(
          "source.commit-missing",
          `The commit ${sha.slice(0, 12)} is no longer on ${branch} of ${source.name}.`,
          { cause: error },
        );
    }
  }

  async #directoryOf(source: SourceSpec): Promise<string> {
    // By address too: a source whose address was changed must not mix two repositories.
    const id = createHash("sha256").update(source.git).digest("hex").slice(0, 12);
    const directory = join(this.#directory, `${source.name}-${id}`);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return directory;
  }
}

const addressOf = (source: SourceSpec): string => commands.splitAddress(source.git).plain;

async function empty(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const entry of await readdir(directory)) await rm(join(directory, entry), { recursive: true, force: true });
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
