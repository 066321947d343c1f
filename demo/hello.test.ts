import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { type HelloWish, writeHello } from "./hello.ts";

const usual: HelloWish = { version: 2, registry: "127.0.0.1:5001", base: "slipway/base-node:v24" };

const written = async (directory: string, wish: Partial<HelloWish> = {}) => {
  await writeHello(directory, { ...usual, ...wish });
  return parse(await readFile(join(directory, "slipway.yaml"), "utf8"));
};

const temporary = async (t: { after(act: () => Promise<void>): void }): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), "slipway-hello-"));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
};

test("slipway.yaml names the registry, the base image and the version", async (t) => {
  const { build, run } = await written(await temporary(t));
  assert.equal(build.image.repository, "127.0.0.1:5001/acme/hello");
  assert.deepEqual(build.image.args, { BASE: "slipway/base-node:v24", VERSION: "2" });
  assert.equal(run.network, undefined);
});

test("on the host's own network the program is told its port", async (t) => {
  const { run } = await written(await temporary(t), { network: "host", port: 9001 });
  assert.equal(run.network, "host");
  assert.equal(run.port, 9001);
  assert.equal(run.env.PORT, "9001");
  assert.equal(run.env.LOG_LEVEL, "info");
});

test("a test's own setting replaces one value and keeps its neighbours", async (t) => {
  const settings = [[["environments", "integration", "rollout", "drain"], false]] as const;
  const { environments } = await written(await temporary(t), { settings });
  assert.deepEqual(environments.integration.rollout, { strategy: "rolling", batch: 1, drain: false });
});

test("a good version written over a broken one is good again", async (t) => {
  const directory = await temporary(t);
  await written(directory);
  const good = await Promise.all(["sessions.js", "greeting.js"].map((file) => readFile(join(directory, file), "utf8")));
  await written(directory, { breakHealth: true, breakTest: true });
  assert.match(await readFile(join(directory, "sessions.js"), "utf8"), /redis:6379/);
  await written(directory);
  const again = await Promise.all(
    ["sessions.js", "greeting.js"].map((file) => readFile(join(directory, file), "utf8")),
  );
  assert.deepEqual(again, good);
});
