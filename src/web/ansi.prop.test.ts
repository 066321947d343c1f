import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "#test/seeded-check.ts";
import { AnsiReader } from "./ansi.ts";

const esc = "\u001b";

const texts = (...parts: string[]): string[] => {
  const reader = new AnsiReader();
  const ended = parts.flatMap((part) => reader.feed(part));
  return [...ended, reader.unfinished].map((line) => line.map((span) => span.text).join(""));
};

const piece = fc.constantFrom(esc, "[", "]", "m", ";", "3", "1", "\r", "\n", "\u0007", "\\", "K", "é", "<", "\u009b");

test("where the text is cut in two makes no difference", () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), fc.nat(40), (pieces, at) => {
      const text = pieces.join("");
      assert.deepEqual(texts(text.slice(0, at), text.slice(at)), texts(text));
    }),
  );
});

test("no control character ever comes out", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ unit: "binary" })), { maxLength: 60 }), (pieces) => {
      assert.doesNotMatch(texts(pieces.join("")).join(""), /(?!\t)\p{Cc}/u);
    }),
  );
});
