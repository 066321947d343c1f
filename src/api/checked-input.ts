import type { z } from "zod";
import { SlipwayError } from "#core/errors.ts";

/** The value as the shape reads it, or a refusal that names each wrong field, what was expected and what was found. */
export const checkedInput = <S extends z.ZodType>(shape: S, value: unknown, part: "body" | "query"): z.output<S> => {
  const read = shape.safeParse(value);
  if (read.success) return read.data;
  throw new SlipwayError("input.invalid", read.error.issues.map((issue) => sentence(issue, part, value)).join(" "));
};

const sentence = (issue: z.core.$ZodIssue, part: string, value: unknown): string => {
  const field = [part, ...issue.path].join(".");
  return `${field}: expected ${expected(issue)}, found ${found(at(value, issue.path))}.`;
};

// From what was sent, not from the issue: there a number's text is already NaN.
const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, key) => (inner === null || inner === undefined ? inner : Reflect.get(Object(inner), key)),
    value,
  );

const expected = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case "invalid_type":
      return issue.expected;
    case "too_small":
      return `at least ${issue.minimum}${issue.origin === "string" ? " characters" : ""}`;
    case "too_big":
      return `at most ${issue.maximum}${issue.origin === "string" ? " characters" : ""}`;
    default:
      return issue.message;
  }
};

const found = (input: unknown): string => {
  if (input === undefined) return "nothing";
  const text = JSON.stringify(input) ?? typeof input;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};
