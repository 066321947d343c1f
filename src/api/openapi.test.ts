import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { routes } from "#contract/routes.ts";
import { openApi } from "./openapi.ts";

// The parts of the OpenAPI 3.1 specification that this document uses, as strict shapes.
const schemaObject = z.record(z.string(), z.unknown());
const content = z.record(z.string(), z.strictObject({ schema: schemaObject }));
const parameter = z.strictObject({
  name: z.string(),
  in: z.enum(["path", "query"]),
  required: z.boolean(),
  schema: schemaObject,
});
const operation = z.strictObject({
  operationId: z.string(),
  summary: z.string(),
  security: z.array(z.record(z.enum(["token"]), z.array(z.string())).or(z.strictObject({}))).optional(),
  parameters: z.array(parameter).optional(),
  requestBody: z.strictObject({ required: z.boolean(), content }).optional(),
  responses: z.record(z.string().regex(/^(\d{3}|default)$/), z.strictObject({ description: z.string(), content })),
});
const openApiDocument = z.strictObject({
  openapi: z.string().regex(/^3\.1\.\d+$/),
  info: z.strictObject({ title: z.string(), version: z.string(), description: z.string() }),
  paths: z.record(z.string().startsWith("/"), z.partialRecord(z.enum(["get", "post"]), operation)),
  components: z.strictObject({
    schemas: z.record(z.string(), schemaObject),
    securitySchemes: z.record(z.string(), schemaObject),
  }),
});

const document = openApiDocument.parse(JSON.parse(JSON.stringify(openApi("1.2.3"))));
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.values(methods).map((one) => ({ path, ...one })),
);

test("every route of the table is there once, and asks for the token where it changes something", () => {
  const ids = operations.map((one) => one.operationId);
  assert.equal(new Set(ids).size, ids.length);
  for (const [name, route] of Object.entries(routes)) {
    const found = operations.find((one) => one.operationId === name);
    assert.ok(found, name);
    assert.equal(JSON.stringify(found.security) === '[{"token":[]}]', route.change, name);
    assert.equal(found.requestBody !== undefined, "body" in route, name);
  }
});

test("every parameter in a path is declared", () => {
  for (const { path, parameters = [] } of operations) {
    const declared = parameters.filter((one) => one.in === "path").map((one) => one.name);
    assert.deepEqual(
      declared,
      [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
    );
    assert.ok(parameters.every((one) => one.in !== "path" || one.required));
  }
});

test("every reference leads somewhere", () => {
  for (const [, target] of JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)) {
    const name = /^#\/components\/schemas\/(\w+)$/.exec(target ?? "")?.[1] ?? "";
    assert.ok(document.components.schemas[name], target);
  }
});
