import { distance } from "fastest-levenshtein";
import { type Document, isMap, isPair, isScalar, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { SlipwayError } from "#core/errors.ts";

const textLimit = 1024 * 1024;
const aliasLimit = 50;
const problemsShown = 10;
const nearEnough = 3;

type Path = readonly PropertyKey[];
export type Problem = { readonly path: Path; readonly message: string };

/** A text of a known file, and the way from a place in its value to its line. */
export class YamlFile<T> {
  readonly value: T;
  readonly #source: Source;

  private constructor(value: T, source: Source) {
    this.value = value;
    this.#source = source;
  }

  /** Checked against the schema. Fails with config.invalid, naming file, line, column and what was expected. */
  static read<S extends z.ZodType>(schema: S, text: string, fileName: string): YamlFile<z.output<S>> {
    const source = parse(text, fileName);
    const checked = schema.safeParse(source.raw);
    if (!checked.success) throw refuse(source, problemsOf(checked.error.issues, source, schema));
    return new YamlFile(checked.data, source);
  }

  /** Fails with config.invalid when there are problems that the schema alone cannot see. */
  refuseIf(problems: readonly Problem[]): void {
    if (problems.length > 0) throw refuse(this.#source, problems);
  }
}

type Source = {
  readonly fileName: string;
  readonly document: Document;
  readonly lines: LineCounter;
  readonly raw: unknown;
};

function parse(text: string, fileName: string): Source {
  const invalid = (message: string) => new SlipwayError("config.invalid", `${fileName}${message}`);
  if (text.length > textLimit) throw invalid(": expected at most 1 MiB of text");
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const broken = document.errors[0];
  if (broken) {
    const { line, col } = lines.linePos(broken.pos[0]);
    throw invalid(`:${line}:${col}: expected YAML, found: ${broken.message.split("\n")[0]}`);
  }
  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: aliasLimit });
  } catch (cause) {
    throw invalid(`: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  if (raw === null || raw === undefined) throw invalid(":1:1: expected keys and values, found an empty file");
  return { fileName, document, lines, raw };
}

function refuse(source: Source, problems: readonly Problem[]): SlipwayError {
  const shown = problems.slice(0, problemsShown).map(({ path, message }) => {
    const { line, col } = positionOf(source, path);
    const where = path.length > 0 ? `${path.map(String).join(".")}: ` : "";
    return `${source.fileName}:${line}:${col}: ${where}${message}`;
  });
  const more = problems.length > problemsShown ? [`... and ${problems.length - problemsShown} more`] : [];
  return new SlipwayError("config.invalid", [...shown, ...more].join("\n"));
}

/** The key's own place where there is one, else the nearest thing around it. */
function positionOf({ document, lines }: Source, path: Path): { line: number; col: number } {
  for (let length = path.length; length >= 0; length--) {
    const parent = length === 0 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const last = path[length - 1];
    const pair =
      isMap(parent) && length > 0
        ? parent.items.find((item) => isPair(item) && keyText(item.key) === String(last))
        : undefined;
    const node = pair?.key ?? (length === 0 ? document.contents : document.getIn(path.slice(0, length), true));
    const range = (node as { range?: [number, number, number] } | undefined)?.range;
    if (range) return lines.linePos(range[0]);
  }
  return { line: 1, col: 1 };
}

const keyText = (key: unknown): string => (isScalar(key) ? String(key.value) : String(key));

function problemsOf(issues: readonly z.core.$ZodIssue[], source: Source, schema: z.ZodType): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => ({
        path: [...issue.path, key],
        message: unknownKey(key, knownKeys(schema, issue.path)),
      }));
    if (issue.code === "invalid_union") return [{ path: issue.path, message: unionMessage(issue, source) }];
    return [{ path: issue.path, message: expectation(issue, valueAt(source.raw, issue.path)) }];
  });
}

/** Of the ways a value could be right, the one it came nearest to says what is missing. */
function unionMessage(issue: z.core.$ZodIssueInvalidUnion, source: Source): string {
  const found = valueAt(source.raw, issue.path);
  const nearest = [...issue.errors].sort((a, b) => depth(b) - depth(a) || a.length - b.length)[0] ?? [];
  if (!issue.message.startsWith("Invalid")) return `expected ${issue.message}, found ${inWords(found)}`;
  return nearest
    .map((part) => {
      if (part.code === "unrecognized_keys") return part.keys.map((key) => `${key}: unknown key`).join("; ");
      const at = part.path.map(String).join(".");
      return `${at ? `${at}: ` : ""}${expectation(part, valueAt(found, part.path))}`;
    })
    .join("; ");
}

const depth = (issues: readonly z.core.$ZodIssue[]): number => Math.max(0, ...issues.map((issue) => issue.path.length));

function expectation(issue: z.core.$ZodIssue, found: unknown): string {
  if (found === undefined) return "expected this key, which is missing";
  const plain = issue.message
    .replace(/^Invalid input: expected (\w+), received \w+$/, "$1")
    .replace(/^Invalid option: expected /, "");
  const wanted = plain.replace(/^Invalid (\w+):?\s*/, "").replace(/^Too (small|big): expected /, "");
  const words = [...wanted.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? "");
  const hint = typeof found === "string" && words.length > 1 ? nearest(found, words) : undefined;
  return `expected ${wanted}, found ${inWords(found)}${hint ? `. Did you mean "${hint}"?` : ""}`;
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  const list = known.length > 0 ? `expected one of ${known.join(", ")}` : "expected no such key";
  return `${list}; found the unknown key "${key}".${near ? ` Did you mean "${near}"?` : ""}`;
}

/** The word that was probably meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const best = known.map((other) => ({ other, far: distance(word, other) })).sort((a, b) => a.far - b.far)[0];
  return best && best.far <= Math.min(nearEnough, Math.ceil(word.length / 2)) ? best.other : undefined;
}

type Shape = {
  _zod?: {
    def?: {
      type?: string;
      shape?: Record<string, Shape>;
      innerType?: Shape;
      valueType?: Shape;
      element?: Shape;
      options?: Shape[];
      in?: Shape;
    };
  };
};

/** The keys that the schema knows at a place, through optional, default, arrays, records and unions. */
function knownKeys(schema: z.ZodType, path: Path): readonly string[] {
  let at: Shape[] = [schema as Shape];
  for (const step of path) at = at.flatMap((shape) => childrenOf(shape, step));
  return [
    ...new Set(at.flatMap((shape) => unwrapped(shape)).flatMap((shape) => Object.keys(shape._zod?.def?.shape ?? {}))),
  ];
}

function childrenOf(shape: Shape, step: PropertyKey): Shape[] {
  return unwrapped(shape).flatMap((inner) => {
    const def = inner._zod?.def;
    const child = def?.shape?.[String(step)] ?? def?.valueType ?? def?.element;
    return child ? [child] : [];
  });
}

function unwrapped(shape: Shape): Shape[] {
  const def = shape._zod?.def;
  if (def?.innerType) return unwrapped(def.innerType);
  if (def?.in) return unwrapped(def.in);
  if (def?.options) return def.options.flatMap(unwrapped);
  return [shape];
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<PropertyKey, unknown>)[step];
  }
  return at;
}

function inWords(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "keys and values";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}..."` : text;
}
