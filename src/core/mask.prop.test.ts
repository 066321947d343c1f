import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "#test/seeded-check.ts";
import { makeMask, maskStream } from "./mask.ts";
import { Secret } from "./secret.ts";

/** Few letters, so that secrets overlap, repeat and begin inside one another all the time. */
const letters = fc.constantFrom("a", "b", "\n");
const secrets = fc.array(fc.string({ unit: letters, minLength: 4, maxLength: 9 }), { minLength: 1, maxLength: 3 });
const pieces = fc.array(fc.string({ unit: letters, maxLength: 12 }), { maxLength: 12 });
const asSecrets = (values: readonly string[]) => values.map((value) => new Secret(value));

test("no secret is left in a masked text", () => {
  fc.assert(
    fc.property(
      secrets,
      fc.array(
        fc.oneof(
          fc.string(),
          secrets.map((all) => all[0] ?? ""),
        ),
      ),
      (values, words) => {
        const masked = makeMask(asSecrets(values))([...words, ...values].join(" "));
        for (const value of values) assert.ok(!masked.includes(value), masked);
      },
    ),
  );
});

test("a stream gives what the whole text gives, however it is cut", () => {
  fc.assert(
    fc.property(secrets, pieces, (values, chunks) => {
      const stream = maskStream(asSecrets(values));
      const streamed = chunks.map((chunk) => stream.write(chunk)).join("") + stream.flush();
      assert.equal(streamed, oneByOne(values, chunks.join("")));
    }),
    { numRuns: 2_000 },
  );
});

test("text without secrets is not touched, also when it is cut inside a character", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.nat(), (text, cut) => {
      const stream = maskStream(asSecrets(["\u{1F600}\u{1F601}\u{1F602}"]));
      const at = text.length === 0 ? 0 : cut % text.length;
      const parts = [stream.write(text.slice(0, at)), stream.write(text.slice(at)), stream.flush()];
      assert.equal(parts.join(""), text);
    }),
  );
});

test("any bytes around it: base64 of a text that holds a secret does not hold its base64", () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ minLength: 8 }), fc.string(), (before, value, after) => {
      const bytes = (text: string) => Buffer.from(text.toWellFormed());
      const encoded = bytes(before + value + after).toString("base64");
      const masked = makeMask(asSecrets([value]))(encoded);
      assert.ok(masked.includes("[secret]"), masked);
      assert.ok(
        masked.replace("[secret]", "").length <= encoded.length - Math.floor((bytes(value).length * 8) / 6) + 2,
      );
    }),
  );
});

/** The same rule, written down in the plainest way: mark every letter of every occurrence. */
function oneByOne(values: readonly string[], text: string): string {
  const marked = new Array<boolean>(text.length).fill(false);
  const lines = values.flatMap((value) => {
    const long = value.split("\n").filter((line) => line.length >= 6);
    return long.length > 1 ? [value, ...long] : [value];
  });
  for (const value of lines) {
    for (let at = 0; at <= text.length - value.length; at++) {
      if (text.startsWith(value, at)) marked.fill(true, at, at + value.length);
    }
  }
  return [...text].reduce((out, letter, at) => {
    if (!marked[at]) return out + letter;
    return marked[at - 1] ? out : `${out}[secret]`;
  }, "");
}
