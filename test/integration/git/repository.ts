import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const gitTimeoutMs = 30_000;

const env = {
  PATH: process.env.PATH ?? "/usr/bin:/bin",
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "Ben Whaley",
  GIT_AUTHOR_EMAIL: "ben@example.com",
  GIT_COMMITTER_NAME: "Ben Whaley",
  GIT_COMMITTER_EMAIL: "ben@example.com",
};

export async function git(directory: string, ...args: string[]): Promise<string> {
  const file = ["-c", "protocol.file.allow=always", "-C", directory, ...args];
  return (await run("git", file, { env, timeout: gitTimeoutMs })).stdout.trim();
}

/** A repository that people push to: a bare one, and a clone to commit in. */
export class Repository {
  readonly bare: string;
  readonly #clone: string;

  private constructor(bare: string, clone: string) {
    this.bare = bare;
    this.#clone = clone;
  }

  static async make(directory: string, name: string): Promise<Repository> {
    const [bare, clone] = [join(directory, `${name}.git`), join(directory, `${name}-clone`)];
    await git(directory, "init", "--quiet", "--bare", "--initial-branch=main", bare);
    await git(directory, "init", "--quiet", "--initial-branch=main", clone);
    const repository = new Repository(bare, clone);
    await repository.commit("hello.txt", "hello\n", "The first one");
    await repository.push("main");
    return repository;
  }

  async commit(file: string, text: string, subject: string): Promise<string> {
    await writeFile(join(this.#clone, file), text);
    await this.run("add", "--all");
    await this.run("commit", "--quiet", "--message", subject);
    return this.run("rev-parse", "HEAD");
  }

  push(branch: string): Promise<string> {
    return this.run("push", "--quiet", "--force", this.bare, `HEAD:refs/heads/${branch}`);
  }

  run(...args: string[]): Promise<string> {
    return git(this.#clone, ...args);
  }

  /** What no branch names any more is gone for good. */
  async forgetLost(): Promise<void> {
    await git(this.bare, "reflog", "expire", "--expire=now", "--all");
    await git(this.bare, "gc", "--quiet", "--prune=now");
  }
}
