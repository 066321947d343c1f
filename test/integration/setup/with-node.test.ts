import assert from "node:assert/strict";
import { once } from "node:events";
import { symlink, unlink } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { FakeMachine } from "./fake-machine.ts";

const nodePackage = /^install node-\S+@24\./;

test("a machine with an old Node gets a new one and the packages, once, and is silent after that", async () => {
  await using machine = await FakeMachine.make({ node: "v18.20.4" });
  const first = await machine.run(["one", "two words", "$(three)"]);
  assert.equal(first.exitCode, 0, first.stderr);
  assert.deepEqual(JSON.parse(first.stdout), { words: ["one", "two words", "$(three)"], cwd: machine.directory });
  assert.match(
    first.stderr,
    /brings Node 24\.\S+ from npm \(the one on the PATH is v18\.20\.4\)\n.*installs the packages/,
  );
  const [install, ...others] = await machine.npmCalls();
  assert.match(install ?? "", nodePackage);
  assert.deepEqual(others, ["ci --ignore-scripts"]);

  const second = await machine.run();
  assert.equal(second.stderr, "");
  assert.equal((await machine.npmCalls()).length, 2);
});

test("a Node that is new enough is used as it is", async () => {
  for (const node of ["v24.0.0", "v26.10.0", "v31.1.0"]) {
    await using machine = await FakeMachine.make({ node });
    assert.equal((await machine.run()).exitCode, 0);
    assert.deepEqual(await machine.npmCalls(), ["ci --ignore-scripts"]);
  }
});

test("packages are installed again when the lockfile has changed", async () => {
  await using machine = await FakeMachine.make({ node: "v24.1.0" });
  await machine.run();
  await machine.lock("second");
  assert.match((await machine.run()).stderr, /installs the packages/);
  assert.equal((await machine.npmCalls()).length, 2);
});

test("an npm that would ignore the lockfile is not used for it", async () => {
  await using machine = await FakeMachine.make({ node: "v12.22.12", npm: "6.14.16" });
  assert.equal((await machine.run()).exitCode, 0);
  const calls = await machine.npmCalls();
  assert.match(calls[1] ?? "", /^install npm@/);
  assert.equal(calls[2], "brought npm ci");
});

test("two calls at once install once, and both run", async () => {
  await using machine = await FakeMachine.make();
  const env = { NPM_TAKES_S: "1" };
  const both = await Promise.all([machine.run(["a"], env), machine.run(["b"], env)]);
  assert.deepEqual(
    both.map(({ exitCode, stdout }) => [exitCode, JSON.parse(stdout).words]),
    [
      [0, ["a"]],
      [0, ["b"]],
    ],
  );
  assert.equal((await machine.npmCalls()).length, 2);
});

test("a set-up that was killed half-way is done by the next call", async () => {
  await using machine = await FakeMachine.make();
  const killed = machine.start([], { NPM_TAKES_S: "30" });
  while ((await machine.npmCalls()).length === 0) await wait(20);
  process.kill(-(killed.pid ?? 0), "SIGKILL");
  await once(killed, "close");
  const next = await machine.run();
  assert.equal(next.exitCode, 0, next.stderr);
});

test("several calls that find a dead owner's lock still install once", async () => {
  await using machine = await FakeMachine.make({ node: "v24.1.0" });
  await machine.run();
  await machine.lock("second");
  // No process has this id: Linux stops at 4194304.
  await symlink("99999999", join(machine.checkout, ".tools/set-up.lock"));
  const endings = await Promise.all([1, 2, 3].map(() => machine.run([], { NPM_TAKES_S: "1" })));
  assert.deepEqual(
    endings.map(({ exitCode }) => exitCode),
    [0, 0, 0],
  );
  assert.equal((await machine.npmCalls()).length, 2);
  await assert.rejects(unlink(join(machine.checkout, ".tools/set-up.lock")), { code: "ENOENT" });
});

test("a registry that cannot be reached is said with npm's own words, and the next call tries again", async () => {
  await using machine = await FakeMachine.make({ node: "v24.1.0" });
  const failed = await machine.run([], { NPM_FAILS: "network is unreachable" });
  assert.equal(failed.exitCode, 1);
  assert.match(
    failed.stderr,
    /npm error: network is unreachable\n.*Could not run `npm ci --include=dev --ignore-scripts`/,
  );
  assert.equal((await machine.run()).exitCode, 0);
});
