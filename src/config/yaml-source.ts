import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from "yaml";
import { SlipwayError } from "#core/errors.ts";
import { quoted } from "./in-words.ts";

const bytesLimit = 1024 * 1024;
const aliasLimit = 50;
const depthLimit = 64;

/** Text that is YAML, as plain values, and the way back to its lines. */
export type YamlSource = {
  readonly fileName: string;
  readonly document: Document;
  readonly lines: LineCounter;
  readonly raw: unknown;
};

type Fault = { readonly offset: number; readonly message: string };

/** Fails with config.invalid on what is not YAML, or is YAML that no configuration needs: bombs, tags, odd keys. */
export function parseYaml(text: string, fileName: string): YamlSource {
  if (new TextEncoder().encode(text).length > bytesLimit)
    throw new SlipwayError("config.invalid", `${fileName}:1:1: expected at most 1 MiB of text, found more`);
  const lines = new LineCounter();
  const refuse = (faults: readonly Fault[]) => {
    const at = ({ offset, message }: Fault) => {
      const { line, col } = lines.linePos(offset);
      return `${fileName}:${line}:${col}: ${message}`;
    };
    return new SlipwayError("config.invalid", faults.slice(0, 10).map(at).join("\n"));
  };
  // Keys are compared below, where `1` and `"1"` are the same key; without warnings nothing is written to stderr.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: "error",
  });
  const [broken] = [...document.errors, ...document.warnings];
  if (broken) throw refuse([{ offset: broken.pos[0], message: yamlError(broken.code, broken.message) }]);
  const faults = settle(document);
  if (faults.length > 0) throw refuse(faults);
  const raw = plainValue(document, refuse);
  if (raw === null || raw === undefined)
    throw refuse([{ offset: 0, message: "expected keys and values, found an empty file" }]);
  return { fileName, document, lines, raw };
}

function yamlError(code: string, message: string): string {
  if (code === "TAB_AS_INDENT") return "expected spaces as indentation, found a tab";
  if (code === "MULTIPLE_DOCS") return "expected one document, found a second one after ---";
  if (code === "TAG_RESOLVE_FAILED") return "expected plain values, found a tag (!)";
  if (message.includes("call stack")) return `expected YAML at most ${depthLimit} levels deep, found more`;
  return `expected YAML, found: ${message.split("\n")[0]}`;
}

/** Makes every key the text that the person wrote, and finds what no configuration needs. */
function settle(document: Document): Fault[] {
  const faults: Fault[] = [];
  visit(document, {
    Alias: (_, node) => {
      if (!node.resolve(document))
        faults.push({
          offset: startOf(node),
          message: `expected an anchor &${node.source} before this *${node.source}`,
        });
    },
    Node: (_, node, path) => {
      if (path.length <= 2 * depthLimit) return undefined;
      faults.push({ offset: startOf(node), message: `expected YAML at most ${depthLimit} levels deep, found more` });
      return visit.BREAK;
    },
    Map: (_, map) => {
      faults.push(...settleKeys(map));
    },
  });
  return faults;
}

function settleKeys(map: YAMLMap): Fault[] {
  const seen = new Set<string>();
  return map.items.flatMap((pair): Fault[] => {
    const key = settleKey(pair);
    if (key === undefined) return [{ offset: startOf(pair.key, map), message: "expected text as a key" }];
    const isTwice = seen.has(key);
    seen.add(key);
    if (isTwice) return [{ offset: startOf(pair.key), message: `expected every key once, found ${quoted(key)} again` }];
    if (key === "__proto__")
      return [{ offset: startOf(pair.key), message: 'expected a key of one\'s own, found "__proto__"' }];
    if (key === "env" || key === "args") keepAsWritten(pair.value);
    return [];
  });
}

/** A branch may be called 2.0: as a number it would become 2. */
function settleKey({ key }: Pair): string | undefined {
  if (!isScalar(key) || key.value === null) return undefined;
  if (typeof key.value !== "string") key.value = key.source ?? String(key.value);
  return String(key.value);
}

/** `VERSION: 1.10` is meant as text, not as 1.1. */
function keepAsWritten(values: unknown): void {
  if (!isMap(values)) return;
  for (const { value } of values.items) {
    if (isScalar(value) && value.source && (typeof value.value === "number" || typeof value.value === "boolean"))
      value.value = value.source;
  }
}

function plainValue(document: Document, refuse: (faults: readonly Fault[]) => SlipwayError): unknown {
  try {
    return document.toJS({ maxAliasCount: aliasLimit });
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    let offset = 0;
    visit(document, {
      Alias: (_, node) => {
        offset = startOf(node);
        return visit.BREAK;
      },
    });
    throw refuse([{ offset, message: "expected few aliases (*), found more than a configuration needs" }]);
  }
}

function startOf(...nodes: readonly unknown[]): number {
  for (const node of nodes) {
    if ((isScalar(node) || isAlias(node) || isMap(node)) && node.range) return node.range[0];
  }
  return 0;
}
