import assert from "node:assert/strict";
import { access, chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { processWorkspaces } from "#adapters/workspace/process-workspaces.ts";
import type { StepSpec } from "#core/service.ts";
import { running } from "./running.ts";

const signal = AbortSignal.timeout(120_000);
const isRoot = process.getuid?.() === 0;
const step = (run: string, more: Partial<StepSpec> = {}): StepSpec => ({
  name: "a step",
  run,
  timeoutMs: 30_000,
  env: {},
  cache: [],
  ...more,
});
const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

describe("the steps of a build", () => {
  let directory = "";
  let workspaces: ReturnType<typeof processWorkspaces>;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "slipway-steps-"));
    await chmod(directory, 0o755);
    workspaces = processWorkspaces({ directory: join(directory, "builds") });
  });
  after(() => rm(directory, { recursive: true, force: true }));

  const run = async (tree: string, wish: StepSpec, env: Record<string, string> = {}) => {
    let output = "";
    const outcome = await workspaces.runStep(
      tree,
      wish,
      env,
      (text) => {
        output += text;
      },
      signal,
    );
    return { ...outcome, output };
  };

  test("run as a user without rights, without other groups and without a way back", async () => {
    const tree = await workspaces.open("who");
    const { output } = await run(tree, step("id -un; id -u; id -G; id -g; pwd; grep NoNewPrivs /proc/self/status"));
    const [name, uid, groups, gid, place, privileges] = output.trim().split("\n");
    assert.equal(place, tree);
    if (!isRoot) return assert.equal(uid, String(process.getuid?.()));
    assert.equal(name, "slipway-build");
    assert.notEqual(uid, "0");
    assert.equal(groups, gid);
    assert.match(privileges ?? "", /1$/);
  });

  test("own their tree from the first of them on: git worked in it as root", async () => {
    const tree = await workspaces.open("whose");
    const before = await stat(tree);
    await run(tree, step("true"));
    if (!isRoot) return assert.equal(before.uid, process.getuid?.());
    assert.deepEqual([before.uid, before.mode & 0o777], [0, 0o700]);
    assert.notEqual((await stat(tree)).uid, 0);
  });

  test("see what they were given, a home of their own, and nothing of the server's environment", async () => {
    process.env.SLIPWAY_SECRET_PASSWORD = "of-the-server";
    const tree = await workspaces.open("env");
    const given = { SLIPWAY_COMMIT: "abc", SLIPWAY_BRANCH: "$(touch x); 'y' \"z\"\nü" };
    const { output } = await run(tree, step("env -0", { env: { OWN: "a b", CI: "no" } }), given);
    delete process.env.SLIPWAY_SECRET_PASSWORD;
    const env = new Map(output.split("\0").map((line) => [line.split("=")[0], line.slice(line.indexOf("=") + 1)]));
    assert.equal(env.get("HOME"), join(tree, "../home"));
    assert.deepEqual([env.get("OWN"), env.get("CI"), env.get("SLIPWAY_COMMIT")], ["a b", "no", "abc"]);
    assert.equal(env.get("SLIPWAY_BRANCH"), given.SLIPWAY_BRANCH);
    assert.equal(env.has("SLIPWAY_SECRET_PASSWORD"), false);
    assert.equal(await isThere(join(tree, "x")), false);
  });

  test("cannot become root by a PATH or a library of the repository's own", async () => {
    const tree = await workspaces.open("path");
    await mkdir(join(tree, "bin"));
    for (const name of ["setpriv", "sh", "env"]) {
      await writeFile(join(tree, "bin", name), `#!/bin/sh\n/usr/bin/id -u >> "${tree}/ran-as"\n`);
      await chmod(join(tree, "bin", name), 0o755);
    }
    await run(tree, step("true", { env: { PATH: `${tree}/bin:bin:/usr/bin:/bin` } }));
    const { output } = await run(tree, step("cat ran-as || true"));
    assert.ok(!output.split("\n").includes("0") || !isRoot, "a program of the repository was run by root");
    const { output: said } = await run(tree, step("id -u", { env: { LD_PRELOAD: `${tree}/no-such-library.so` } }));
    assert.ok(!/setpriv/.test(said), "the repository's library was asked for while we were still root");
  });

  test("cannot make root act where a link in their home leads", async () => {
    const target = await mkdtemp(join(directory, "of-root-"));
    const tree = await workspaces.open("trap");
    const owner = (await stat(target)).uid;
    await run(tree, step(`ln -s ${target} ~/.trap`));
    await assert.rejects(
      run(tree, step("true", { cache: ["~/.trap/deep/er"] })).then(() => {
        if (!isRoot) throw new Error("as ourselves it is our own link");
      }),
    );
    assert.equal((await stat(target)).uid, owner);
    if (isRoot) assert.equal(await isThere(join(target, "deep")), false);
  });

  test("find what an earlier build of the same source kept, and nothing of another's", async () => {
    const wish = step("cat ~/.deep/cache/kept 2>/dev/null || echo nothing; echo mine > ~/.deep/cache/kept", {
      cache: ["~/.deep/cache"],
    });
    const said = async (id: string, source: string) => {
      const tree = await workspaces.open(id);
      const { output } = await run(tree, wish, { SLIPWAY_SOURCE: source });
      await workspaces.close(id);
      return output.trim();
    };
    assert.equal(await said("cache-1", "hello"), "nothing");
    assert.equal(await said("cache-2", "hello"), "mine");
    assert.equal(await said("cache-3", "other"), "nothing");
  });

  test("end with their exit code and their last lines", async () => {
    const tree = await workspaces.open("exit");
    const failed = await run(tree, step("echo before; false; echo after"));
    assert.deepEqual([failed.exitCode, failed.timedOut, failed.lastLines], [1, false, "before\n"]);
    const long = await run(tree, step("seq 1 20000; echo äöü the end; exit 9"));
    assert.equal(long.exitCode, 9);
    assert.match(long.lastLines, /the end\n$/);
    assert.ok(Buffer.byteLength(long.lastLines) <= 4 * 1024);
    const killed = await run(tree, step("kill -9 $$"));
    assert.deepEqual([killed.exitCode, killed.signal], [undefined, "SIGKILL"]);
  });

  test("are ended when their time is over, with all they started", async () => {
    const tree = await workspaces.open("slow");
    const length = `8${process.pid}.${Date.now() % 100_000}`;
    const wish = step(`setsid sleep ${length} & sleep ${length}`, {
      timeoutMs: 400,
      env: { SLIPWAY_PROCESS: "another-mark" },
    });
    assert.equal((await run(tree, wish)).timedOut, true);
    assert.deepEqual(await running(length), []);
  });

  test("leave reports that are read, also broken ones, and links that lead out are not", async () => {
    const tree = await workspaces.open("reports");
    const outside = join(directory, "outside.xml");
    await writeFile(outside, '<testsuite><testcase name="secret"/></testsuite>');
    await mkdir(join(tree, "reports"));
    await writeFile(join(tree, "reports/a.xml"), '<testsuite><testcase name="a"/></testsuite>');
    await writeFile(join(tree, "reports/b.xml"), "<broken");
    await symlink(outside, join(tree, "reports/c.xml"));
    await symlink(directory, join(tree, "reports/out"));
    await symlink(".", join(tree, "reports/loop"));
    await run(tree, step("mkfifo reports/d.xml; mkdir reports/e.xml"));
    const report = await workspaces.readReports(tree, "reports/*.xml");
    assert.deepEqual([report?.passed, report?.failed], [1, 1]);
    assert.equal(report?.failures[0]?.name, "reports/b.xml");
    for (const none of ["none/*.xml", "reports/out/*.xml", "../../*.xml", `${directory}/*.xml`])
      assert.equal(await workspaces.readReports(tree, none), undefined, none);
    assert.equal((await workspaces.readReports(tree, "**/*.xml"))?.passed, 1);
  });

  test("leave texts that are read; a link out of the tree, a directory and a pipe are not", async () => {
    const tree = await workspaces.open("texts");
    await writeFile(join(directory, "secret"), "of the server");
    await writeFile(join(tree, "slipway.yaml"), "service: hello\n");
    await writeFile(join(tree, "big"), "x".repeat(2 * 1024 * 1024));
    await symlink(join(directory, "secret"), join(tree, "link"));
    await symlink("slipway.yaml", join(tree, "inner"));
    await run(tree, step("mkfifo pipe; mkdir directory"));
    assert.equal(await workspaces.readText(tree, "slipway.yaml"), "service: hello\n");
    assert.equal(await workspaces.readText(tree, "inner"), "service: hello\n");
    assert.equal((await workspaces.readText(tree, "big"))?.length, 1024 * 1024);
    for (const path of ["link", "none", "pipe", "directory", "../home", "../../../secret", "/etc/passwd"])
      assert.equal(await workspaces.readText(tree, path), undefined, path);
  });

  test("find an empty tree when it is opened again, and nothing after it is closed", async () => {
    const tree = await workspaces.open("again");
    await run(tree, step("mkdir a; touch a/b ~/c; chmod 000 a"));
    assert.equal(await workspaces.open("again"), tree);
    assert.equal((await run(tree, step("ls -A . ~"))).output.replaceAll(/\s*\S+:\n/g, "").trim(), "");
    await workspaces.close("again");
    await workspaces.close("again");
    assert.equal(await isThere(join(tree, "..")), false);
    await assert.rejects(workspaces.open("../elsewhere"), /cannot name a workspace/);
  });
});
