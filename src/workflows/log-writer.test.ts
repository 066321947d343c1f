import assert from "node:assert/strict";
import { test } from "node:test";
import { logWriter } from "./log-writer.ts";
import type { World } from "./world.ts";

const flushedMs = 150;
const worldOf = (append: (logId: string, text: string) => Promise<void>): World =>
  ({ mask: (text: string) => text.replaceAll("hunter2", "***"), logs: { append } }) as unknown as World;

test("a database that is gone for a moment fails the build that writes its log, not the server", async () => {
  const writer = logWriter(
    worldOf(async () => {
      throw new Error("database gone");
    }),
    "log",
  );
  writer.write("hello\n");
  await new Promise((resolve) => setTimeout(resolve, flushedMs));
  await assert.rejects(writer.close(), /database gone/);
});

test("what was written is in the log in order, masked also where a secret came in two pieces", async () => {
  const written: string[] = [];
  const writer = logWriter(
    worldOf(async (_, text) => void written.push(text)),
    "log",
  );
  for (const piece of ["one\npass", "word hun", "ter2\n", "three"]) writer.write(piece);
  await writer.close();
  assert.equal(written.join(""), "one\npassword ***\nthree");
});
