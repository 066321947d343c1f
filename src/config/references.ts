import { hint } from "./nearest.ts";
import type { Path, Problem } from "./schema-problems.ts";

/** A name that must be one of those defined in the same file. */
export function unknownName(path: Path, name: string, what: string, known: readonly string[]): Problem[] {
  if (known.includes(name)) return [];
  const list = known.length > 0 ? known.join(", ") : "there is none";
  return [{ path, message: `expected one of the ${what} (${list}), found "${name}"${hint(name, known)}` }];
}

export type Entry = { readonly path: Path; readonly value: string };

/** Every entry whose value an earlier one has already. */
export function twice(what: string, entries: readonly Entry[]): Problem[] {
  const seen = new Set<string>();
  return entries.flatMap(({ path, value }) => {
    const isTwice = seen.has(value);
    seen.add(value);
    return isTwice ? [{ path, message: `expected every ${what} once, found "${value}" again` }] : [];
  });
}
