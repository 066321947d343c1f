import assert from "node:assert/strict";
import { test } from "node:test";
import * as commands from "./commands.ts";

test("an address or a branch is never read as an option", () => {
  const asked = commands.lsRemote("--upload-pack=touch x");
  assert.ok(asked.indexOf("--") < asked.indexOf("--upload-pack=touch x"));
  const fetched = commands.fetchCommit("/cache", "--upload-pack=touch x", "refs/heads/-u");
  assert.ok(fetched.indexOf("--end-of-options") < fetched.indexOf("--upload-pack=touch x"));
});

test("a password is not on the command line but in the environment", () => {
  const address = "https://acme:s3:cr%40t@git.example.com:8443/acme/hello.git";
  assert.deepEqual(commands.splitAddress(address), {
    plain: "https://git.example.com:8443/acme/hello.git",
    rewrite: { from: "https://git.example.com:8443/", to: "https://acme:s3:cr%40t@git.example.com:8443/" },
  });
  const env = commands.gitEnvironment({ path: "/bin", sshConfig: "/c", address });
  assert.equal(env.GIT_CONFIG_VALUE_0, "https://git.example.com:8443/");
});

test("an address without a password, and the user of an ssh address, stay as they are", () => {
  for (const address of ["https://git.example.com/a.git", "ssh://git@example.com/a.git", "git@example.com:a.git", "/a"])
    assert.deepEqual(commands.splitAddress(address), { plain: address });
});

test("git's shell gets the ssh configuration's path as one word", () => {
  const env = commands.gitEnvironment({ path: "/bin", sshConfig: "/my $(touch x) 'dir'/c", address: "/a" });
  assert.equal(env.GIT_SSH_COMMAND, `ssh -F '/my $(touch x) '\\''dir'\\''/c'`);
});

test("only a repository of this machine may have submodules of this machine", () => {
  const never = "protocol.file.allow=never";
  assert.ok(commands.updateSubmodules("/d", "https://git.example.com/a.git").includes(never));
  assert.ok(commands.updateSubmodules("/d", "git@git.example.com:a.git").includes(never));
  assert.ok(!commands.updateSubmodules("/d", "/srv/a.git").includes(never));
  assert.ok(!commands.updateSubmodules("/d", "file:///srv/a.git").includes(never));
});
