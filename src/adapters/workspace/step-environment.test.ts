import assert from "node:assert/strict";
import { dirname } from "node:path";
import { test } from "node:test";
import { stepEnvironment } from "./step-environment.ts";

test("a step gets a home, a path and a language, and nothing of the server's", async () => {
  process.env.SLIPWAY_SECRET_PASSWORD = "of-the-server";
  const env = await stepEnvironment({ home: "/builds/1/home", user: undefined, binDirectory: "/builds/bin" });
  delete process.env.SLIPWAY_SECRET_PASSWORD;
  assert.deepEqual(Object.keys(env).sort(), ["CI", "HOME", "LANG", "LOGNAME", "PATH", "TMPDIR", "USER"]);
  assert.deepEqual([env.HOME, env.CI, env.LANG], ["/builds/1/home", "true", "C.UTF-8"]);
});

test("the server's own Node comes first on the path, and no part of it is relative", async () => {
  const path = process.env.PATH;
  process.env.PATH = `relative::.:${path ?? ""}`;
  const env = await stepEnvironment({ home: "/builds/1/home", user: undefined, binDirectory: "/builds/bin" });
  process.env.PATH = path;
  const parts = (env.PATH ?? "").split(":");
  assert.equal(parts[0], dirname(process.execPath));
  assert.deepEqual(
    parts.filter((part) => !part.startsWith("/")),
    [],
  );
});
