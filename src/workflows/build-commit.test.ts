import assert from "node:assert/strict";
import { test } from "node:test";
import type { Build } from "#core/build.ts";
import { SlipwayError } from "#core/errors.ts";
import { buildCommit } from "./build-commit.ts";
import type { World } from "./world.ts";

const commit = { sha: "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d", branch: "main" };

/** Its one step is a test that fails and says a secret, in its name too. `owner`: whose service it is by its releases. */
function failingBuild(owner?: string) {
  const done: string[] = [];
  let build = { id: "one", number: 1, source: "hello", commit } as unknown as Build;
  const step = { name: "test", run: "npm test", timeoutMs: 1_000, env: {}, cache: [], junit: "*.xml" };
  const failures = [{ name: "logs in with hunter2", message: "401 for hunter2" }];
  const world = {
    clock: { now: () => 0 },
    mask: (text: string) => text.replaceAll("hunter2", "***"),
    fleet: () => ({ sources: [{ name: "hello" }], registries: {} }),
    source: { checkout: async () => commit },
    parseService: () => ({ service: "hello", build: { steps: [step], image: { repository: "r.example.com/hello" } } }),
    releases: { list: async () => (owner ? [{ source: owner }] : []) },
    images: {
      find: async () => {
        done.push("find the image");
        return undefined;
      },
    },
    logs: { clear: async () => {}, append: async () => {} },
    workspaces: {
      open: async () => "/build",
      close: async () => void done.push("close"),
      readText: async () => "service: hello",
      runStep: async () => ({ exitCode: 1, timedOut: false, lastLines: "expected hunter2" }),
      readReports: async () => ({ passed: 2, failed: 1, skipped: 0, failures }),
    },
    builds: {
      get: async () => build,
      update: async (_: string, part: Partial<Build>) => {
        build = { ...build, ...part };
      },
    },
  } as unknown as World;
  return { world, done, build: () => build };
}

test("what a failing test says is masked in the record, in the error and in its last lines", async () => {
  const { world, build } = failingBuild("hello");
  await assert.rejects(buildCommit(world, build(), new AbortController().signal), (error) => {
    assert.ok(error instanceof SlipwayError && error.code === "build.step-failed", String(error));
    assert.equal(error.message, 'The step "test" ended with exit code 1. 1 of 3 tests failed: logs in with ***.');
    assert.equal(error.details.lastLines, "expected ***");
    return true;
  });
  const [step] = build().steps ?? [];
  assert.equal(step?.state, "failed");
  assert.deepEqual(step?.tests, {
    passed: 2,
    failed: 1,
    skipped: 0,
    failures: [{ name: "logs in with ***", message: "401 for ***" }],
  });
});

test("another repository's service is refused before anything is built, found or pushed", async () => {
  const { world, done, build } = failingBuild("somebody-else");
  await assert.rejects(buildCommit(world, build(), new AbortController().signal), {
    code: "service.taken",
    message: 'The repository "hello" names its service "hello", which belongs to the repository "somebody-else".',
  });
  assert.deepEqual([done, build().steps], [["close"], undefined]);
});

test("a service that has no release yet belongs to nobody", async () => {
  const { world, done, build } = failingBuild();
  await assert.rejects(buildCommit(world, build(), new AbortController().signal), { code: "build.step-failed" });
  assert.deepEqual(done, ["find the image", "close"]);
});
