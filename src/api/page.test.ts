import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ask, startFakeApi } from "#test/fakes/api.ts";

test("the built page is served, its own addresses get index.html, and nothing beside it is reached", async (t) => {
  const root = await mkdtemp(join(tmpdir(), "slipway-page-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  const pageDirectory = join(root, "page");
  await mkdir(join(pageDirectory, "assets"), { recursive: true });
  await writeFile(join(pageDirectory, "index.html"), "<title>the page</title>");
  await writeFile(join(pageDirectory, "assets", "main-1a2b.js"), "run()");
  await writeFile(join(root, "token"), "hunter2");
  const { url } = await startFakeApi(t, { pageDirectory });

  const index = await ask(`${url}/`);
  assert.match(await index.text(), /the page/);
  assert.equal(index.headers.get("Cache-Control"), "no-cache");
  const script = await ask(`${url}/assets/main-1a2b.js`);
  assert.equal(await script.text(), "run()");
  assert.match(script.headers.get("Cache-Control") ?? "", /immutable/);
  const own = await fetch(`${url}/rollouts/7?tab=log`, { headers: { Accept: "text/html" } });
  assert.match(await own.text(), /the page/);
  assert.equal((await fetch(`${url}/api/nothing`, { headers: { Accept: "text/html" } })).status, 404);
  for (const path of ["/..%2ftoken", "/assets/..%2f..%2ftoken", "/%2e%2e/token"]) {
    assert.doesNotMatch(await (await ask(url + path)).text(), /hunter2/);
  }
});
