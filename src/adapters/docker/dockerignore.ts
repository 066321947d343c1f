type Rule = { readonly pattern: RegExp; readonly isException: boolean };

/**
 * Which paths of a build context a `.dockerignore` leaves out. The last rule that matches a path or one of its parents
 * decides, as in Docker: `*` and `?` stay within one name, `**` crosses them, `!` takes back in.
 */
export function ignoredBy(text: string): (path: string) => boolean {
  const rules = text.split(/\r?\n/).flatMap(ruleOf);
  return (path) =>
    rules.reduce((isOut, { pattern, isException }) => (pattern.test(path) ? !isException : isOut), false);
}

function ruleOf(line: string): readonly Rule[] {
  const trimmed = line.replace(/^\uFEFF/, "").trim();
  if (trimmed === "" || trimmed.startsWith("#")) return [];
  const isException = trimmed.startsWith("!");
  const clean = cleaned(isException ? trimmed.slice(1).trim() : trimmed);
  if (clean.length === 0) return [];
  return [{ pattern: new RegExp(`^${clean.map(partOf).join("")}(?:/.*)?$`, "su"), isException }];
}

/** The names of a path, as it reads without empty ones, `.` and `..`. */
function cleaned(path: string): readonly string[] {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return names;
}

/** One name of a pattern, with the slash that parts it from the next; `**` stands for any number of names, or none. */
function partOf(name: string, at: number, names: readonly string[]): string {
  const isLast = at === names.length - 1;
  if (name === "**") return isLast ? ".*" : "(?:.*/)?";
  return nameOf(name) + (isLast ? "" : "/");
}

function nameOf(name: string): string {
  const tokens = name.match(/\*\*|\*|\?|\[[^\]]+\]|\\.|./gsu) ?? [];
  return tokens.map(tokenOf).join("");
}

function tokenOf(token: string): string {
  if (token === "**") return ".*";
  if (token === "*") return "[^/]*";
  if (token === "?") return "[^/]";
  if (token.length > 2 && token.startsWith("[")) return classOf(token.slice(1, -1));
  return literal(token.length === 2 && token.startsWith("\\") ? token.slice(1) : token);
}

/** A character class keeps its ranges; everything else in it is taken literally. */
function classOf(inner: string): string {
  const isNegated = inner.startsWith("^");
  const parts = [...(isNegated ? inner.slice(1) : inner).matchAll(/\\?(.)(?:-\\?(.))?/gsu)];
  // A range that runs backwards is no pattern at all: it matches nothing, and must not stop the build's walk.
  if (parts.some(([, from = "", to]) => to !== undefined && from > to)) return "(?!)";
  const body = parts.map(([, from = "", to]) => inClass(from) + (to === undefined ? "" : `-${inClass(to)}`)).join("");
  return `[${isNegated ? "^" : ""}${body}]`;
}

const inClass = (character: string): string => character.replace(/[\\[\]^-]/, "\\$&");

const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
