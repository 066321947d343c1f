import type { z } from "zod";
import { foundAt, quoted } from "./in-words.ts";
import { hint } from "./nearest.ts";
import { keysOf, knownKeys } from "./schema-keys.ts";

export type Path = readonly PropertyKey[];
export type Problem = { readonly path: Path; readonly message: string };
type Issue = z.core.$ZodIssue;

/** What is said of a key that is not there yet, by the end of its path: `approval.by`. */
export type NotYet = Readonly<Record<string, string>>;
type Form = { readonly schema: z.ZodType; readonly notYet: NotYet };

/** What the schema complains of, in words for the person who wrote the file: of one value, the first complaint. */
export function problemsOf(issues: readonly Issue[], raw: unknown, form: Form): Problem[] {
  const problems = explained(issues, raw, form);
  const seen = new Set<string>();
  return problems.filter(({ path }) => {
    const key = JSON.stringify(path);
    return !seen.has(key) && seen.add(key);
  });
}

function explained(issues: readonly Issue[], raw: unknown, { schema, notYet }: Form): Problem[] {
  const at = (path: Path) => valueAt(raw, path);
  const explain = (issue: Issue, base: Path): Problem[] => {
    const path = [...base, ...issue.path];
    switch (issue.code) {
      case "unrecognized_keys":
        return issue.keys.map((key) => unknownKey(path, key, { known: knownKeys(schema, path), notYet }));
      case "invalid_key":
        return [
          {
            path,
            message: `expected ${wanted(issue.issues[0] ?? issue)} as a key, found ${quoted(String(path.at(-1)))}`,
          },
        ];
      case "invalid_union":
        return explainUnion(issue, path);
      default:
        return [{ path, message: expectation(issue, path, at(path)) }];
    }
  };
  /** Of the ways a value could be right, the one it came nearest to says what is wrong. */
  const explainUnion = (issue: z.core.$ZodIssueInvalidUnion, path: Path): Problem[] => {
    const found = at(path);
    const keys = keysOf(found);
    const known = knownKeys(schema, path);
    const unknown = keys.filter((key) => !known.includes(key));
    if (known.length === 0 || keys.length === 0) return [{ path, message: expectation(issue, path, found) }];
    if (unknown.length > 0) return unknown.map((key) => unknownKey(path, key, { known, notYet }));
    const fitting = issue.errors.filter((errors) => !errors.some(({ code }) => code === "unrecognized_keys"));
    if (fitting.length === 0) return [{ path, message: `expected only one of ${known.join(", ")}` }];
    const [best = []] = fitting.sort((a, b) => depth(b) - depth(a) || a.length - b.length);
    return best.flatMap((each) => explain(each, path));
  };
  return issues.flatMap((issue) => explain(issue, []));
}

const depth = (issues: readonly Issue[]): number => Math.max(0, ...issues.map((issue) => issue.path.length));

type Keys = { readonly known: readonly string[]; readonly notYet: NotYet };

function unknownKey(path: Path, key: string, { known, notYet }: Keys): Problem {
  const end = `${String(path.at(-1))}.${key}`;
  const sentence = Object.hasOwn(notYet, end) ? notYet[end] : undefined;
  if (sentence) return { path: [...path, key], message: sentence };
  const list = known.length > 0 ? `expected one of ${known.join(", ")}` : "expected no key here";
  return { path: [...path, key], message: `${list}, found the unknown key ${quoted(key)}${hint(key, known)}` };
}

function expectation(issue: Issue, path: Path, found: unknown): string {
  if (found === undefined) return "expected this key, which is missing";
  const words = issue.code === "invalid_value" ? issue.values.map(String) : [];
  return `expected ${wanted(issue)}, found ${foundAt(path, found)}${hint(found, words)}`;
}

const kinds: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "keys and values",
  record: "keys and values",
};

/** The schema's own words where it has some, else those of zod's issue. */
function wanted(issue: Issue): string {
  if (!/^(Invalid|Too|Unrecognized)/.test(issue.message)) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return kinds[issue.expected] ?? issue.expected;
    case "invalid_value":
      return `${issue.values.length > 1 ? "one of " : ""}${issue.values.map(String).join(", ")}`;
    case "too_small":
      return `${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}${unitOf(issue.origin)}`;
    case "too_big":
      return `at most ${issue.maximum}${unitOf(issue.origin)}`;
    default:
      return issue.message;
  }
}

const unitOf = (origin: string): string =>
  origin === "string" ? " characters" : origin === "array" ? " in the list" : "";

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<PropertyKey, unknown>)[step];
  }
  return at;
}
