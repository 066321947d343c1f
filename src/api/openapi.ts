import { z } from "zod";
import { type Route, routes } from "#contract/routes.ts";
import { changeShape, problemShape } from "#contract/shapes.ts";

type Json = Readonly<Record<string, unknown>>;

/** The HTTP API as an OpenAPI 3.1 document, made from the table of routes. */
export const openApi = (version: string): Json => {
  const paths: Record<string, Record<string, Json>> = { ...plainPaths };
  for (const [name, route] of Object.entries(routes)) {
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Slipway", version, description: "See docs/reference/http-api.md for tokens, errors and events." },
    paths,
    components: {
      schemas: { Problem: schema(problemShape, "output") },
      securitySchemes: { token: { type: "http", scheme: "bearer", description: "The server's token" } },
    },
  };
};

const operation = (name: string, route: Route): Json => ({
  operationId: name,
  summary: route.summary,
  ...(route.change ? { security: [{ token: [] }] } : { security: [{}, { token: [] }] }),
  parameters: [...pathParameters(route.path), ...(route.query ? queryParameters(route.query) : [])],
  ...(route.body ? { requestBody: { required: true, content: json(schema(route.body, "input")) } } : {}),
  responses: { "200": { description: "Done", content: json(schema(route.answer, "output")) }, default: problem },
});

const json = (content: Json): Json => ({ "application/json": { schema: content } });
const problem: Json = {
  description: "A refusal (4xx), a failure of the world (502) or a fault (500)",
  content: json({ $ref: "#/components/schemas/Problem" }),
};

const pathParameters = (path: string): Json[] =>
  [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({ name, in: "path", required: true, schema: { type: "string" } }));

const queryParameters = (query: z.ZodType): Json[] => {
  const { properties = {}, required = [] } = schema(query, "input");
  return Object.entries(properties as Record<string, Json>).map(([name, one]) => ({
    name,
    in: "query",
    required: (required as string[]).includes(name),
    schema: one,
  }));
};

const schema = (shape: z.ZodType, io: "input" | "output"): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(shape, { target: "draft-2020-12", io });
  return rest;
};

const plain = (operationId: string, summary: string, content: Json): Record<string, Json> => ({
  get: {
    operationId,
    summary,
    security: [{}],
    responses: { "200": { description: summary, content }, default: problem },
  },
});

const plainPaths: Record<string, Record<string, Json>> = {
  "/healthz": plain("healthz", "The process listens", json({ type: "object" })),
  "/readyz": plain("readyz", "The server can do its work", json({ type: "object" })),
  "/api/events": plain("events", "Changes as Server-Sent Events, `event: change`; see the reference", {
    "text/event-stream": { schema: schema(changeShape, "output") },
  }),
};
