import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { parseFleetFile } from "./fleet-file.ts";
import { fleetJsonSchema, schemaText, serviceJsonSchema } from "./schemas.ts";
import { parseServiceFile } from "./service-file.ts";

const docs = (path: string) => readFileSync(new URL(`../../docs/${path}`, import.meta.url), "utf8");
const ajv = new Ajv({ strict: false, allErrors: true });
const errorsOf = (schema: object, value: unknown) => {
  const check = ajv.compile(schema);
  check(value);
  return check.errors ?? [];
};

test("the published schemas are the ones that the server checks with: run scripts/write-schemas.ts", () => {
  assert.equal(docs("schemas/slipway.json"), schemaText(serviceJsonSchema));
  assert.equal(docs("schemas/fleet.json"), schemaText(fleetJsonSchema));
});

test("the example files are right for the server and for an editor", () => {
  const service = parseServiceFile(docs("examples/slipway.yaml"), "slipway.yaml");
  const fleet = parseFleetFile(docs("examples/fleet.yaml"), "fleet.yaml", { resolvePath: (path) => path });
  assert.deepEqual(service.branches, [
    { pattern: "develop", environment: "integration" },
    { pattern: "remote-run/{user}/*", personal: true },
  ]);
  assert.deepEqual(Object.keys(fleet.environments), ["integration", "personal/ben"]);
  assert.deepEqual(errorsOf(serviceJsonSchema, parse(docs("examples/slipway.yaml"))), []);
  assert.deepEqual(errorsOf(fleetJsonSchema, parse(docs("examples/fleet.yaml"))), []);
});

test("an editor sees what is wrong", () => {
  const service = parse(docs("examples/slipway.yaml"));
  const wrong: unknown[] = [
    { ...service, servce: "x" },
    { ...service, service: undefined },
    { ...service, run: { ...service.run, port: "8080" } },
    { ...service, run: { ...service.run, health: { path: "/", interval: "10 sec" } } },
    { ...service, branches: { main: { enviroment: "x" } } },
  ];
  for (const value of wrong) assert.notDeepEqual(errorsOf(serviceJsonSchema, JSON.parse(JSON.stringify(value))), []);
});
