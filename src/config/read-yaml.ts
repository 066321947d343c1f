import { isAlias, isMap, isPair, isScalar } from "yaml";
import type { z } from "zod";
import { SlipwayError } from "#core/errors.ts";
import { pathInWords } from "./in-words.ts";
import { type NotYet, type Path, type Problem, problemsOf } from "./schema-problems.ts";
import { parseYaml, type YamlSource } from "./yaml-source.ts";

const problemsShown = 10;

/** A text of a known form, and the way from a place in its value to its line. */
export class YamlFile<T> {
  readonly value: T;
  readonly #source: YamlSource;

  private constructor(value: T, source: YamlSource) {
    this.value = value;
    this.#source = source;
  }

  /** Checked against the schema. Fails with config.invalid, naming file, line, column and what was expected. */
  static read<S extends z.ZodType>(
    schema: S,
    text: string,
    fileName: string,
    notYet: NotYet = {},
  ): YamlFile<z.output<S>> {
    const source = parseYaml(text, fileName);
    const checked = schema.safeParse(source.raw);
    if (!checked.success) throw refuse(source, problemsOf(checked.error.issues, source.raw, { schema, notYet }));
    return new YamlFile(checked.data, source);
  }

  /** Fails with config.invalid when there are problems that the schema alone cannot see. */
  refuseIf(problems: readonly Problem[]): void {
    if (problems.length > 0) throw refuse(this.#source, problems);
  }

  /** The keys at a place in the order of the file; an object would put those that look like numbers first. */
  keysInOrder(...path: string[]): readonly string[] {
    const { document } = this.#source;
    const node = document.getIn(path, true);
    const map = isAlias(node) ? node.resolve(document) : node;
    return isMap(map) ? map.items.map(({ key }) => keyText(key)) : [];
  }
}

function refuse(source: YamlSource, problems: readonly Problem[]): SlipwayError {
  const shown = problems.slice(0, problemsShown).map(({ path, message }) => {
    const { line, col } = positionOf(source, path);
    const where = path.length > 0 ? `${pathInWords(path)}: ` : "";
    return `${source.fileName}:${line}:${col}: ${where}${message}`;
  });
  const more = problems.length > problemsShown ? [`... and ${problems.length - problemsShown} more`] : [];
  return new SlipwayError("config.invalid", [...shown, ...more].join("\n"));
}

/** The key's own place where there is one, else the nearest thing around it. */
function positionOf({ document, lines }: YamlSource, path: Path): { line: number; col: number } {
  for (let length = path.length; length > 0; length--) {
    const last = path[length - 1];
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const pair = isMap(parent)
      ? parent.items.find((item) => isPair(item) && keyText(item.key) === String(last))
      : undefined;
    const node = pair?.key ?? document.getIn(path.slice(0, length), true);
    const range = (node as { range?: [number, number, number] } | undefined)?.range;
    if (range) return lines.linePos(range[0]);
  }
  return lines.linePos(document.contents?.range?.[0] ?? 0);
}

const keyText = (key: unknown): string => (isScalar(key) ? String(key.value) : String(key));
