import { z } from "zod";
import { bytesPattern } from "#core/bytes.ts";
import { durationPattern, durationUnits, formatDuration, parseDuration } from "#core/duration.ts";
import { parseMinimum, parseQuantity } from "#core/quantity.ts";
import type { Quantity } from "#core/service.ts";

/** The kinds of value that both files are made of; each message says what was expected. */

export const millis = (text: string): number => parseDuration(text) ?? 0;

const durationExpected = { error: `a duration: ${durationUnits}` };

/** Timers count milliseconds in 31 bits: a longer one would end at once. */
const longestMs = 24 * 86_400_000;

/** A duration of at least `leastMs`; most of nothing would spin, or fail at once. */
const durationFrom = (leastMs: number) =>
  z
    .string(durationExpected)
    .regex(durationPattern, durationExpected)
    .refine((text) => millis(text) >= leastMs, { error: `at least ${formatDuration(leastMs)}` })
    .refine((text) => millis(text) <= longestMs, { error: `at most ${formatDuration(longestMs)}` })
    .describe(`A duration: ${durationUnits}`);

export const anyDuration = durationFrom(0);
export const duration = durationFrom(1);
export const pollDuration = durationFrom(100);

const quantityExpected = { error: "a number of hosts or a percentage, as in 2 or 25%" };

export const quantity = z
  .union([z.string().regex(/^([1-9]\d?|100)%$/, quantityExpected), z.int().min(1, quantityExpected)], quantityExpected)
  .describe("A number of hosts, or a share of the group's hosts such as 25%");

/** As `quantity`, and 0 for a service that may be away. */
export const minimum = z.union([quantity, z.literal(0)], {
  error: "a number of hosts or a percentage, as in 2 or 75%; 0 lets the service be away",
});

export const quantityOf = (value: string | number): Quantity => parseQuantity(value) ?? { hosts: 1 };
export const minimumOf = (value: string | number): Quantity => parseMinimum(value) ?? { hosts: 0 };

const memoryExpected = { error: "a size: k, m or g, as in 512m" };

export const memory = z
  .string(memoryExpected)
  .regex(bytesPattern, memoryExpected)
  .describe("A size: k, m or g, as in 512m");

const nameExpected = {
  error: "a name of small letters, digits, dots, - and _, at most 63 long, beginning with a letter or digit",
};

/** Every plain object has a `constructor`: as a name it would seem to exist everywhere. */
const isOwnWord = (word: string): boolean => word !== "constructor";

export const name = z
  .string(nameExpected)
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, nameExpected)
  .refine(isOwnWord, { error: "another name" });

const environmentExpected = { error: `${nameExpected.error}; or personal/ and a developer's name` };

/** The developer's name is part of a branch's: capitals are allowed. */
export const environmentName = z
  .string(environmentExpected)
  .regex(/^([a-z0-9][a-z0-9._-]{0,62}|personal\/[A-Za-z0-9][A-Za-z0-9._-]{0,62})$/, environmentExpected)
  .refine(isOwnWord, { error: "another name" });

export const port = z.int().min(1).max(65_535);

/** Programs and containers are started with C strings: the rest behind a NUL would be lost. */
export const text = z.string().refine((value) => !value.includes("\0"), { error: "text without NUL characters" });

export const line = z
  .string()
  .min(1)
  .max(500)
  .refine((text) => !/\p{Cc}/u.test(text), { error: "one line of text" });

const secretExpected = { error: "a secret's name in capitals, as in REGISTRY_PASSWORD" };

export const secretName = z.string(secretExpected).regex(/^[A-Z][A-Z0-9_]{0,99}$/, secretExpected);

/** `{ secret: NAME }`: the value comes from the server's secrets. */
export const secretRef = z.strictObject({ secret: secretName }, { error: "{ secret: NAME }" });

export const keyFile = z.strictObject({ file: line.describe("Path of a private key; relative to this file") });

export const environmentValues = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: "the name of an environment variable" }),
  z.union([text, z.number(), z.boolean()], { error: "text, a number, true or false" }),
);

export const asStrings = (values: Record<string, string | number | boolean>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));

/** Leaves out what is undefined: under exactOptionalPropertyTypes an absent key and an undefined one differ. */
export function present<T extends Record<string, unknown>>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
