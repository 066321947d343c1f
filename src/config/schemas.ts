import { z } from "zod";
import { fleetSchema } from "./fleet-schema.ts";
import { serviceSchema } from "./service-schema.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

/** What an editor is told of a file: the form that people write, defaults not yet filled in. */
const forEditors = (schema: z.ZodType, title: string): JsonSchema => ({
  title,
  ...z.toJSONSchema(schema, { target: "draft-7", io: "input" }),
});

/** `docs/schemas/slipway.json` */
export const serviceJsonSchema: JsonSchema = forEditors(serviceSchema, "slipway.yaml");

/** `docs/schemas/fleet.json` */
export const fleetJsonSchema: JsonSchema = forEditors(fleetSchema, "fleet.yaml");

export const schemaText = (schema: JsonSchema): string => `${JSON.stringify(schema, undefined, 2)}\n`;
