import assert from "node:assert/strict";
import { test } from "node:test";
import { boundedText } from "./bounded-text.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

async function* sending(...chunks: readonly Uint8Array[]) {
  yield* chunks;
}

test("an answer of just the limit is read, and a letter that lies across two chunks", async () => {
  assert.equal(await boundedText(null, 1), "");
  assert.equal(await boundedText(sending(bytes("ää"), bytes("ä").subarray(0, 1), bytes("ä").subarray(1)), 6), "äää");
});

test("one that goes on without end is refused at the limit, and let go", async () => {
  const seen = { sent: 0, isLetGo: false };
  async function* endless() {
    try {
      for (;;) {
        seen.sent += 1;
        yield bytes("a".repeat(1024));
      }
    } finally {
      seen.isLetGo = true;
    }
  }
  await assert.rejects(boundedText(endless(), 4096), /it sent more than 4 KiB/);
  assert.deepEqual(seen, { sent: 5, isLetGo: true });
});
