import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { buildWithBuildx } from "./build-with-buildx.ts";
import type { Building } from "./docker-images.ts";

/** A docker program that leaves a plugin behind, which holds its output. */
const orphaning = `#!/bin/sh
sleep 60 &
echo "#1 exporting"
exit 0
`;

test("a plugin that outlives its build and holds its output does not hold up the builds of that source", async () => {
  const directory = await mkdtemp(join(tmpdir(), "slipway-docker-"));
  const path = process.env.PATH;
  await writeFile(join(directory, "docker"), orphaning, { mode: 0o755 });
  process.env.PATH = `${directory}:${path}`;
  let output = "";
  try {
    const building = {
      wish: { repository: "registry/acme/hello", registry: { spec: { insecure: false } } },
      marks: { commitTag: "abc", branchTag: "main", labels: {}, buildArgs: {} },
      socketPath: "/nowhere.sock",
      signal: AbortSignal.timeout(20_000),
      onOutput(text: string) {
        output += text;
      },
    } as unknown as Building;
    const began = performance.now();
    await buildWithBuildx(building, { directory, dockerfile: join(directory, "Dockerfile") });
    assert.ok(performance.now() - began < 10_000);
    assert.match(output, /exporting/);
  } finally {
    process.env.PATH = path;
    await rm(directory, { recursive: true });
  }
});
