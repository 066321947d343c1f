import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { gitSource } from "#adapters/git/git-source.ts";
import type { SourceSpec } from "#core/fleet.ts";
import { serveGit } from "./git-server.ts";
import { git, Repository } from "./repository.ts";

const signal = AbortSignal.timeout(120_000);
const password = "s3cret-of-acme";
const sourceOf = (address: string): SourceSpec => ({ name: "hello", git: address, pollMs: 1_000, branches: ["**"] });

describe("a git repository as a source", () => {
  let directory = "";
  let source: ReturnType<typeof gitSource>;
  let count = 0;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "slipway-git-"));
    source = gitSource({ cacheDirectory: join(directory, "the cache's $(touch x)") });
  });
  after(() => rm(directory, { recursive: true, force: true }));
  const repository = () => Repository.make(directory, `hello-${++count}`);
  const tree = () => join(directory, `tree-${++count}`);

  test("tells the heads of all branches, however they are called", async () => {
    const origin = await repository();
    const names = [
      "$(id>x)",
      "-u",
      "a;b",
      "it's",
      'say-"hi"',
      "zoë/grün",
      "remote-run/ben/-u",
      "--upload-pack=x",
      "a&b|c",
    ];
    for (const name of names) await origin.push(name);
    const heads = await source.heads(sourceOf(origin.bare), signal);
    assert.deepEqual([...heads.keys()].sort(), ["main", ...names].sort());
    const sha = await origin.commit("hello.txt", "two\n", "Two");
    for (const name of names) {
      await origin.push(name);
      const at = tree();
      const commit = await source.checkout(sourceOf(origin.bare), { sha, branch: name }, at, signal);
      assert.equal(commit.branch, name);
      assert.equal(await readFile(join(at, "hello.txt"), "utf8"), "two\n");
    }
    assert.ok(!(await readdir(directory)).includes("x"));
  });

  test("checks out exactly that commit, also when its branch has moved on, and says what it is", async () => {
    const origin = await repository();
    const sha = await origin.commit("hello.txt", "wanted\n", "The wanted one\n\nwith more words");
    await origin.commit("later.txt", "later\n", "A later one");
    await origin.push("main");
    const at = tree();
    await mkdir(at);
    await writeFile(join(at, "left-over"), "of an earlier build");
    const commit = await source.checkout(sourceOf(origin.bare), { sha, branch: "main" }, at, signal);
    assert.deepEqual(commit, { sha, branch: "main", subject: "The wanted one", author: "Ben Whaley" });
    assert.deepEqual((await readdir(at)).sort(), [".git", "hello.txt"]);
    assert.equal(await git(at, "rev-parse", "HEAD"), sha);
    assert.equal(await git(at, "status", "--porcelain"), "");
  });

  test("says that a commit is missing after a force push has replaced it", async () => {
    const origin = await repository();
    const sha = await origin.commit("hello.txt", "lost\n", "Lost");
    await origin.push("main");
    await origin.run("reset", "--quiet", "--hard", "HEAD~1");
    await origin.push("main");
    await origin.forgetLost();
    for (const branch of ["main", "never-was"])
      await assert.rejects(source.checkout(sourceOf(origin.bare), { sha, branch }, tree(), signal), {
        code: "source.commit-missing",
      });
    await assert.rejects(source.checkout(sourceOf(origin.bare), { sha: "HEAD", branch: "main" }, tree(), signal), {
      code: "source.commit-missing",
    });
  });

  test("still gives a commit that it fetched before the force push", async () => {
    const origin = await repository();
    const sha = await origin.commit("hello.txt", "kept\n", "Kept");
    await origin.push("main");
    await source.checkout(sourceOf(origin.bare), { sha, branch: "main" }, tree(), signal);
    await origin.run("reset", "--quiet", "--hard", "HEAD~1");
    await origin.push("main");
    await origin.forgetLost();
    const at = tree();
    await source.checkout(sourceOf(origin.bare), { sha, branch: "main" }, at, signal);
    assert.equal(await readFile(join(at, "hello.txt"), "utf8"), "kept\n");
  });

  test("fetches again after a git that was killed has left its lock", async () => {
    const origin = await repository();
    const first = await origin.run("rev-parse", "HEAD");
    const own = join(directory, "locked");
    const locked = gitSource({ cacheDirectory: own });
    await locked.checkout(sourceOf(origin.bare), { sha: first, branch: "main" }, tree(), signal);
    const [cache = ""] = await readdir(own);
    await writeFile(join(own, cache, "repository.git/refs/slipway/last.lock"), "");
    const sha = await origin.commit("hello.txt", "after\n", "After");
    await origin.push("main");
    await locked.checkout(sourceOf(origin.bare), { sha, branch: "main" }, tree(), signal);
  });

  test("says that a repository is unreachable, with git's words and without the password", async () => {
    const address = `http://acme:${password}@127.0.0.1:1/hello.git`;
    const error = await source.heads(sourceOf(address), signal).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof Error && "code" in error && "toRecord" in error);
    assert.equal(error.code, "source.unreachable");
    assert.match(error.message, /Could not read the heads of hello \(http:\/\/127\.0\.0\.1:1\/hello\.git\)/);
    assert.match(error.message, /connect/);
    assert.ok(!JSON.stringify([error.message, error]).includes(password));
    await assert.rejects(source.heads(sourceOf(join(directory, "none.git")), signal), { code: "source.unreachable" });
  });

  test("logs in with the address's password and leaves it nowhere; a second fetch brings only what is new", async () => {
    const origin = await repository();
    for (let file = 0; file < 20; file++)
      await origin.commit(`${file}.bin`, Math.random().toString(36).repeat(500), `File ${file}`);
    await origin.push("main");
    await using server = await serveGit(directory, `acme:${password}`);
    const path = origin.bare.slice(directory.length);
    const address = `http://acme:${password}@127.0.0.1:${server.port}${path}`;
    const first = await origin.run("rev-parse", "HEAD");
    assert.equal((await source.heads(sourceOf(address), signal)).get("main"), first);
    const at = tree();
    await source.checkout(sourceOf(address), { sha: first, branch: "main" }, at, signal);
    const next = await origin.commit("hello.txt", "next\n", "Next");
    await origin.push("main");
    await source.checkout(sourceOf(address), { sha: next, branch: "main" }, at, signal);
    const [whole = 0, rest = 0] = server.served.packs;
    assert.ok(rest > 0 && rest < whole / 4, `${whole} bytes first, ${rest} bytes then`);
    const found = await readdir(directory, { recursive: true, withFileTypes: true });
    for (const file of found.filter((entry) => entry.isFile()))
      assert.ok(!(await readFile(join(file.parentPath, file.name), "latin1")).includes(password), file.name);
    await assert.rejects(source.heads(sourceOf(address.replace(password, "wrong")), signal), {
      code: "source.unreachable",
    });
  });

  test("brings submodules, named by path or beside the repository", async () => {
    const part = await repository();
    const origin = await repository();
    const beside = `../${part.bare.split("/").at(-1)}`;
    await origin.run("submodule", "--quiet", "add", part.bare, "by-path");
    await origin.run("submodule", "--quiet", "add", part.bare, "beside");
    await origin.run("config", "--file", ".gitmodules", "submodule.beside.url", beside);
    const sha = await origin.commit("x", "x", "With parts");
    await origin.push("main");
    const at = tree();
    await source.checkout(sourceOf(origin.bare), { sha, branch: "main" }, at, signal);
    for (const name of ["by-path", "beside"])
      assert.equal(await readFile(join(at, name, "hello.txt"), "utf8"), "hello\n");
  });

  test("brings private submodules by HTTP without leaving a password, and none of this machine's disk", async () => {
    const part = await repository();
    const origin = await repository();
    await origin.run("submodule", "--quiet", "add", part.bare, "part");
    const evil = await origin.commit("x", "x", "With a part of the server's disk");
    await origin.push("evil");
    await origin.run("config", "--file", ".gitmodules", "submodule.part.url", `../${part.bare.split("/").at(-1)}`);
    const sha = await origin.commit("x", "y", "With a part beside");
    await origin.push("main");
    await using server = await serveGit(directory, `acme:${password}`);
    const address = `http://acme:${password}@127.0.0.1:${server.port}${origin.bare.slice(directory.length)}`;
    const at = tree();
    await source.checkout(sourceOf(address), { sha, branch: "main" }, at, signal);
    assert.equal(await readFile(join(at, "part/hello.txt"), "utf8"), "hello\n");
    for (const file of [".git/config", ".git/modules/part/config", ".git/FETCH_HEAD"])
      assert.ok(!(await readFile(join(at, file), "utf8")).includes(password), file);
    await assert.rejects(source.checkout(sourceOf(address), { sha: evil, branch: "evil" }, tree(), signal), {
      code: "source.unreachable",
      message: /submodule/,
    });
  });

  test("runs no hook and no program that the repository names, and asks nobody", async () => {
    const origin = await repository();
    await origin.commit(".gitattributes", "* filter=evil\n", "A filter");
    const sha = await origin.commit(".gitconfig", `[filter "evil"]\n smudge = touch ${directory}/ran\n`, "Evil");
    await origin.push("main");
    await source.checkout(sourceOf(origin.bare), { sha, branch: "main" }, tree(), signal);
    await assert.rejects(source.heads(sourceOf(`ext::sh -c touch% ${directory}/ran`), signal), {
      code: "source.unreachable",
    });
    assert.ok(!(await readdir(directory)).includes("ran"));
  });

  test("gives several commits of one repository at once", async () => {
    const origin = await repository();
    const shas = [await origin.commit("a", "1", "One"), await origin.commit("a", "2", "Two")];
    await origin.push("main");
    const own = gitSource({ cacheDirectory: join(directory, "at-once") });
    const commits = await Promise.all(
      shas.map((sha) => own.checkout(sourceOf(origin.bare), { sha, branch: "main" }, tree(), signal)),
    );
    assert.deepEqual(
      commits.map(({ subject }) => subject),
      ["One", "Two"],
    );
  });

  test("stops when it is told to", async () => {
    const stop = AbortSignal.abort(new Error("a person said so"));
    await assert.rejects(source.heads(sourceOf(directory), stop), /a person said so/);
  });
});
