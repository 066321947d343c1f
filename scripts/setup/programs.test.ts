import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { installAdvice, isPresent, widenPath } from "./programs.ts";

test("the advice names a command for each package manager that has the program", () => {
  const advice = installAdvice(["haproxy", "registry"]);
  assert.match(advice, /apt-get install --no-install-recommends haproxy docker-registry/);
  assert.match(advice, /dnf install haproxy docker-distribution/);
  assert.match(advice, /brew install haproxy$/);
});

test("no package manager is named that has none of the programs", () => {
  assert.doesNotMatch(installAdvice(["iproute2"]), /brew/);
});

test("a program counts when it can be executed, and any one of a need's programs will do", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "slipway-programs-"));
  t.after(() => rm(directory, { recursive: true }));
  const env = { PATH: directory };
  assert.equal(isPresent("chromium", env), false);
  await writeFile(join(directory, "google-chrome"), "");
  assert.equal(isPresent("chromium", env), false);
  await chmod(join(directory, "google-chrome"), 0o755);
  assert.equal(isPresent("chromium", env), true);
});

test("a PATH without sbin is widened once, behind what the person chose", () => {
  const env: NodeJS.ProcessEnv = { PATH: "/chosen" };
  widenPath(env);
  const once = env.PATH;
  widenPath(env);
  assert.equal(env.PATH, once);
  assert.match(once ?? "", /^\/chosen:.*\/usr\/sbin/);
});
