import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { linesOf, readLine } from "./engine-lines.ts";
import { meaningOf } from "./engine-words.ts";
import { lastLinesOf } from "./log-frames.ts";
import { Layers } from "./pull-progress.ts";

const recorded = (name: string): Buffer => readFileSync(join(import.meta.dirname, "recorded", name));

/** The same bytes in pieces of that size: a message may be cut anywhere. */
const inPieces = (bytes: Buffer, size: number, status = 200) => ({
  status,
  chunks: (async function* () {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  })(),
});

const all = (name: string, size: number) => Array.fromAsync(linesOf(inPieces(recorded(name), size)));

test("a push ends with the tag and the digest that the registry gave", async () => {
  for (const size of [1, 7, 4_096]) {
    const pushed = (await all("push.txt", size)).flatMap((line) => line.pushed ?? []);
    const digest = "sha256:6dcafb22e57b03d25435b961870575e868e7cb3a5d16d30f82d8e8b8e3ddef3f";
    assert.deepEqual(pushed, [{ tag: "e878afbc22a1", digest }]);
  }
});

test("a build that fails says why after what it printed", async () => {
  const lines = await all("build-failed.txt", 100);
  assert.match(lines.map(({ text }) => text ?? "").join(""), /^Step 1\/6 : FROM .*\n(?:.*\n)*1\n/);
  assert.match(lines.at(-1)?.error ?? "", /returned a non-zero code: 3/);
});

test("a pull's progress is told in bytes and layers", async () => {
  const layers = new Layers();
  for (const line of await all("pull.txt", 50)) layers.note(line);
  assert.equal(layers.inWords(), "pulling, 0.0 of 0.0 MiB, 2 layers done");
});

test("what the registry refused is told from what it lacks and from what does not answer", async () => {
  const meanings = recorded("pull-refusals.txt").toString().trim().split("\n");
  assert.deepEqual(
    meanings.map((line) => meaningOf(line)),
    ["image.missing", "registry.refused", "registry.unreachable", "registry.unreachable"],
  );
});

test("a refusal before the stream begins is one message with the engine's words", async () => {
  const text = Buffer.from(JSON.stringify({ message: "manifest unknown" }));
  assert.deepEqual(await Array.fromAsync(linesOf(inPieces(text, 5, 404))), [{ error: "manifest unknown" }]);
});

test("an engine's refusal that has no end is left", async () => {
  let sent = 0;
  async function* endless() {
    for (;;) {
      sent += 1;
      yield Buffer.alloc(64 * 1024, "x");
    }
  }
  const [line] = await Array.fromAsync(linesOf({ status: 500, chunks: endless() }));
  assert.ok((line?.error ?? "").length <= 1_000 && sent < 10, `${sent} pieces`);
});

test("words of a full disk, a taken port, a bad certificate", () => {
  const said = {
    "failed to register layer: Error processing tar file(exit status 1): write /app/x: no space left on device":
      "disk.full",
    "driver failed programming external connectivity on endpoint x: Bind for 0.0.0.0:80 failed: port is already allocated":
      "container.port-taken",
    "listen tcp4 127.0.0.1:80: bind: address already in use": "container.port-taken",
    "Get https://r/v2/: x509: certificate signed by unknown authority": "registry.unreachable",
    "pull access denied for acme/hello, repository does not exist or may require 'docker login'": "registry.refused",
    "No such image: r/x@sha256:1": "image.missing",
    "something nobody has seen": undefined,
  };
  for (const [words, code] of Object.entries(said)) assert.equal(meaningOf(words), code, words);
});

test("a line that is no JSON is passed on as text", () => {
  assert.deepEqual(readLine("half a {line"), { text: "half a {line" });
});

test("a log is taken out of its frames, however they are cut", async () => {
  for (const size of [1, 5, 4_096])
    assert.equal(await lastLinesOf(inPieces(recorded("log.bin"), size), 4_096), "listening, release 1\n");
});

test("the end of a long log begins with a whole line", async () => {
  const frame = (text: string) => {
    const header = Buffer.alloc(8);
    header.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([header, Buffer.from(text)]);
  };
  const log = Buffer.concat(Array.from({ length: 100 }, (_, at) => frame(`line ${at}: é\n`)));
  assert.equal(await lastLinesOf(inPieces(log, 3), 30), "line 98: é\nline 99: é\n");
  assert.equal(await lastLinesOf(inPieces(frame(`${"é".repeat(50)} and its end`), 9), 15), "and its end");
  assert.equal(await lastLinesOf(inPieces(frame("x".repeat(50)), 9), 15), "", "half a secret, for all we know");
  assert.equal(await lastLinesOf(inPieces(Buffer.from("{}"), 9, 404), 30), "");
});
