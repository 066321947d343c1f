import assert from "node:assert/strict";
import { test } from "node:test";
import { bundleText, type ContainerFacts, differencesOf } from "./bundle.ts";

const facts: ContainerFacts = {
  host: "web-1",
  release: 2,
  digest: "sha256:b",
  engine: "20.10",
  environment: ["PORT", "REGION"],
  mounts: ["/dev/log:/dev/log"],
  ports: ["8080/tcp at 8080"],
};

test("a bundle is text under headings, each part cut to its limit", () => {
  const text = bundleText([
    { title: "Why", text: "it ended\n\n", limitBytes: 100 },
    { title: "Log", text: "é".repeat(100), limitBytes: 31 },
  ]);
  assert.equal(text, `# Why\n\nit ended\n\n# Log\n\n${"é".repeat(10)}\n(cut here)\n`);
});

test("the difference to a healthy peer names each thing once, and both values", () => {
  assert.deepEqual(differencesOf(facts, { ...facts, host: "web-2" }), []);
  const peer = { ...facts, host: "web-2", release: 1, digest: "sha256:a", engine: "28.2", mounts: [] };
  assert.deepEqual(differencesOf(facts, { ...peer, environment: ["PORT", "LEVEL"] }), [
    "release: r2 here, r1 on web-2",
    "image: sha256:b here, sha256:a on web-2",
    "engine: 20.10 here, 28.2 on web-2",
    "environment: REGION only here",
    "environment: LEVEL only on web-2",
    "mount: /dev/log:/dev/log only here",
  ]);
});
