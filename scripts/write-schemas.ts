import { mkdirSync, writeFileSync } from "node:fs";
import { fleetJsonSchema, schemaText, serviceJsonSchema } from "#config/schemas.ts";

// Run it after a change to src/config/*-schema.ts; a test keeps the files equal to the schemas.
const folder = new URL("../docs/schemas/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL("slipway.json", folder), schemaText(serviceJsonSchema));
writeFileSync(new URL("fleet.json", folder), schemaText(fleetJsonSchema));
