import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "#test/seeded-check.ts";
import { printableLine, printableLog, printableText, splitUnfinished } from "./printable.ts";

const nasty = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("\u001b[31m", "\u001b[0m", "\u001b[2J", "\u001b]0;title\u0007", "\u001b]8;;x\u001b\\", "\u001bc"),
      fc.constantFrom("\u001b", "\u009b", "\u009d", "\r\n", "\r", "\n", "\t", "\u202e", "\u001bP", "\u001b[", "plain"),
    ),
  )
  .map((parts) => parts.join(""));

const withoutColours = (text: string) =>
  text
    .split("\u001b")
    .map((part, index) => (index === 0 ? part : part.replace(/^\[[\d;:]*m/, "")))
    .join("");

const obeyed = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u;

test("nothing that a terminal obeys is left in a line", () => {
  fc.assert(fc.property(nasty, (text) => assert.doesNotMatch(printableLine(text), obeyed)));
});

test("of many lines only line ends and tabs are left, of a log colours too", () => {
  fc.assert(
    fc.property(nasty, (text) => {
      assert.doesNotMatch(printableText(text).replaceAll(/[\n\t]/g, ""), obeyed);
      assert.doesNotMatch(withoutColours(printableLog(text, true)).replaceAll(/[\n\t]/g, ""), obeyed);
      assert.equal(printableLog(text, false), printableText(text));
    }),
  );
});

test("plain text stays as it is", () => {
  fc.assert(fc.property(fc.string(), (text) => assert.equal(printableText(text), text)));
});

test("cleaning twice changes nothing more", () => {
  fc.assert(fc.property(nasty, (text) => assert.equal(printableText(printableText(text)), printableText(text))));
});

test("a log printed part by part has the colours of the log printed whole", () => {
  const log = "a\u001b[31mred\u001b[0m b \u001b[1;32mgreen\u001b[0m\n";
  fc.assert(
    fc.property(fc.nat(log.length), (at) => {
      const { whole, rest } = splitUnfinished(log.slice(0, at));
      assert.equal(whole + rest, log.slice(0, at));
      assert.equal(printableLog(whole, true) + printableLog(rest + log.slice(at), true), log);
    }),
  );
});
