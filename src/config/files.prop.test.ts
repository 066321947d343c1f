import assert from "node:assert/strict";
import { test } from "node:test";
import { stringify } from "yaml";
import { SlipwayError } from "#core/errors.ts";
import { fc } from "#test/seeded-check.ts";
import { parseFleetFile } from "./fleet-file.ts";
import { nearest } from "./nearest.ts";
import { parseServiceFile } from "./service-file.ts";

const parsers = [
  (text: string) => parseServiceFile(text, "x.yaml"),
  (text: string) => parseFleetFile(text, "x.yaml", { resolvePath: (path) => path }),
];

/** A value, or a refusal whose every line says where. */
function isReadOrRefused(text: string): void {
  for (const parse of parsers) {
    try {
      parse(text);
    } catch (error) {
      assert.ok(error instanceof SlipwayError && error.code === "config.invalid", `${error}`);
      for (const line of error.message.split("\n")) assert.match(line, /^(x\.yaml:\d+:\d+: |\.\.\. and \d+ more$)/);
    }
  }
}

const words = ["service", "build", "run", "branches", "environments", "sources", "networks", "notify", "env", "hosts"];
const key = fc.oneof(fc.constantFrom(...words, "image", "port", "slack", "bastion", "__proto__", "1"), fc.string());
const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, 0, -1, 8080, 1.5, "10s", "10 sec", "x", "/a:/b", "25%"),
    fc.string(),
    fc.array(tie("any"), { maxLength: 3 }),
    fc.dictionary(key, tie("any"), { maxKeys: 4 }),
  ),
})).any;

test("any text is read, or refused with a place", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" })), isReadOrRefused), { numRuns: 150 });
  const yamlish = fc.array(
    fc.constantFrom(
      "a",
      ":",
      " ",
      "\n",
      "-",
      "[",
      "]",
      "{",
      "}",
      "&a",
      "*a",
      "!",
      "?",
      "#",
      '"',
      "\t",
      ",",
      "|",
      ">",
      "%",
      "---\n",
    ),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(yamlish, (parts) => isReadOrRefused(parts.join(""))),
    { numRuns: 150 },
  );
});

test("any keys and values are read, or refused with a place; no object gets a property", () => {
  fc.assert(
    fc.property(fc.dictionary(key, value), (tree) => isReadOrRefused(stringify(tree))),
    { numRuns: 150 },
  );
  assert.deepEqual(Object.keys(Object.prototype), []);
});

test("env values reach the container as they are", () => {
  const names = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,10}$/).filter((name) => name !== "__proto__");
  const values = fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0"));
  fc.assert(
    fc.property(fc.dictionary(names, values, { noNullPrototype: true }), (env) => {
      const run = { port: 80, env };
      const file = { service: "x", build: { image: { repository: "r.example/x" } }, run };
      assert.deepEqual(parseServiceFile(stringify(file), "x.yaml").run.env, env);
    }),
  );
});

test("a word with one wrong letter is recognised", () => {
  fc.assert(
    fc.property(fc.constantFrom(...words.filter((word) => word.length > 4)), fc.nat(), (word, at) => {
      const place = at % word.length;
      assert.equal(nearest(`${word.slice(0, place)}#${word.slice(place + 1)}`, words), word);
    }),
  );
});
