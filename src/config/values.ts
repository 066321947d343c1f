import { z } from "zod";
import { parseBytes } from "#core/bytes.ts";
import { durationUnits, parseDuration } from "#core/duration.ts";
import { parseQuantity } from "#core/quantity.ts";
import type { Quantity } from "#core/service.ts";

/** The kinds of value that both files are made of; each message says what was expected. */

export const duration = z
  .string({ error: `a duration: ${durationUnits}` })
  .refine((text) => parseDuration(text) !== undefined, { error: `a duration: ${durationUnits}` })
  .describe(`A duration: ${durationUnits}`);

export const millis = (text: string): number => parseDuration(text) ?? 0;

export const quantity = z
  .union([z.string(), z.number()], { error: "a number of hosts or a percentage, as in 2 or 25%" })
  .refine((value) => parseQuantity(value) !== undefined, { error: "a number of hosts or a percentage, as in 2 or 25%" })
  .describe("A number of hosts, or a share of the group's hosts such as 25%");

export const quantityOf = (value: string | number): Quantity => parseQuantity(value) ?? { hosts: 1 };

export const memory = z
  .string()
  .refine((text) => parseBytes(text) !== undefined, { error: "a size: k, m or g, as in 512m" })
  .describe("A size: k, m or g, as in 512m");

const nameExpected =
  "a name of small letters, digits, dots, - and _, at most 63 long, beginning with a letter or digit";

export const name = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, { error: nameExpected });

export const environmentName = z.string().regex(/^(personal\/)?[a-z0-9][a-z0-9._-]{0,62}$/, { error: nameExpected });

export const port = z.number().int().min(1).max(65_535);

export const line = z
  .string()
  .min(1)
  .max(500)
  .refine((text) => !/[\0\r\n]/.test(text), { error: "one line of text" });

/** `{ secret: NAME }`: the value comes from the server's secrets. */
export const secretRef = z.strictObject({
  secret: z.string().regex(/^[A-Z][A-Z0-9_]*$/, { error: "a secret's name in capitals, as in REGISTRY_PASSWORD" }),
});

export const keyFile = z.strictObject({ file: line.describe("Path of a private key; relative to this file") });

export const environmentValues = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: "the name of an environment variable" }),
  z.union([z.string(), z.number(), z.boolean()]),
);

export const asStrings = (values: Record<string, string | number | boolean>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));

/** Leaves out what is undefined: under exactOptionalPropertyTypes an absent key and an undefined one differ. */
export function present<T extends Record<string, unknown>>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
