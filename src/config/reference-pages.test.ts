import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fleetJsonSchema, serviceJsonSchema } from "./schemas.ts";

/** As much of a JSON Schema as says which keys there are. */
type Node = {
  properties?: Record<string, Node>;
  required?: string[];
  additionalProperties?: Node | boolean;
  items?: Node;
  anyOf?: Node[];
  default?: unknown;
};
type Key = { readonly isRequired: boolean; readonly fallback: unknown };

/** Said once, for the steps of a build. */
const saidElsewhere = /^environments\.<>\.(verify|rollout\.canary\.commands)\[\]/;
/** What the page says of keys without a default in the schema is for people, and of these for people too. */
const inWords = ["notify[].on"];

for (const [name, schema] of [
  ["slipway-yaml", serviceJsonSchema],
  ["fleet-yaml", fleetJsonSchema],
] as const) {
  const rows = rowsOf(readFileSync(new URL(`../../docs/reference/${name}.md`, import.meta.url), "utf8"));
  const keys = keysOf(schema as Node);

  test(`${name}.md names every key there is, once, and no other`, () => {
    assert.deepEqual(rows.map(([key]) => key).sort(), [...keys.keys()].sort());
  });

  test(`${name}.md says the defaults that the server fills in`, () => {
    for (const [key, said] of rows) {
      const fallback = keys.get(key)?.fallback;
      if (fallback !== undefined && !inWords.includes(key)) assert.equal(said, `\`${JSON.stringify(fallback)}\``, key);
      if (said === "required" && !key.endsWith("bastion.address")) assert.ok(keys.get(key)?.isRequired, key);
      if (said === "-") assert.ok(!keys.get(key)?.isRequired, key);
    }
  });
}

function rowsOf(page: string): readonly (readonly [key: string, fallback: string])[] {
  return page
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => {
      const [, key = "", , fallback = ""] = line.split("|").map((cell) => cell.trim());
      return [key.replaceAll("`", "").replace(/<\w+>/g, "<>"), fallback] as const;
    });
}

function keysOf(schema: Node, path = "", found = new Map<string, Key>()): Map<string, Key> {
  for (const [name, node] of Object.entries(schema.properties ?? {})) {
    const key = path === "" ? name : `${path}.${name}`;
    if (saidElsewhere.test(key)) continue;
    found.set(key, { isRequired: schema.required?.includes(name) ?? false, fallback: node.default });
    keysOf(node, key, found);
  }
  for (const node of schema.anyOf ?? []) keysOf(node, path, found);
  if (schema.items) keysOf(schema.items, `${path}[]`, found);
  if (typeof schema.additionalProperties === "object") keysOf(schema.additionalProperties, `${path}.<>`, found);
  return found;
}
