/** From where in a path a match may go on, given from where it might until now: no text of a person is a RegExp's. */
type Step = (path: readonly string[], places: readonly number[]) => readonly number[];

type Rule = { readonly steps: readonly Step[]; readonly isException: boolean };

/**
 * Which paths of a build context a `.dockerignore` leaves out. The last rule that matches a path or one of its parents
 * decides, as in Docker: `*` and `?` stay within one name, `**` crosses them, `!` takes back in. A rule takes at most its
 * length x the path's length.
 */
export function ignoredBy(text: string): (path: string) => boolean {
  const rules = text.split(/\r?\n/).flatMap(ruleOf);
  return (path) => {
    const characters = [...path];
    return rules.reduce((isOut, { steps, isException }) => (matches(characters, steps) ? !isException : isOut), false);
  };
}

/** A rule that matches a directory matches all that is in it. */
function matches(path: readonly string[], steps: readonly Step[]): boolean {
  let places: readonly number[] = [0];
  for (const step of steps) {
    if (places.length === 0) return false;
    places = step(path, places);
  }
  return places.some((place) => place === path.length || path[place] === "/");
}

function ruleOf(line: string): readonly Rule[] {
  const trimmed = line.replace(/^\uFEFF/, "").trim();
  if (trimmed === "" || trimmed.startsWith("#")) return [];
  const isException = trimmed.startsWith("!");
  const clean = cleaned(isException ? trimmed.slice(1).trim() : trimmed);
  if (clean.length === 0) return [];
  return [{ steps: clean.flatMap(stepsOf), isException }];
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
function stepsOf(name: string, at: number, names: readonly string[]): readonly Step[] {
  const isLast = at === names.length - 1;
  if (name === "**") return [isLast ? many(() => true) : anyNames];
  const tokens = name.match(/\*\*|\*|\?|\[[^\]]+\]|\\.|./gsu) ?? [];
  return [...tokens.map(stepOf), ...(isLast ? [] : [one((character) => character === "/")])];
}

function stepOf(token: string): Step {
  if (token === "**") return many(() => true);
  if (token === "*") return many(isNoSlash);
  if (token === "?") return one(isNoSlash);
  if (token.length > 2 && token.startsWith("[")) {
    const those = new RegExp(classOf(token.slice(1, -1)), "su");
    return one((character) => those.test(character));
  }
  const wanted = token.length === 2 && token.startsWith("\\") ? token.slice(1) : token;
  return one((character) => character === wanted);
}

const isNoSlash = (character: string): boolean => character !== "/";

const one =
  (isWanted: (character: string) => boolean): Step =>
  (path, places) =>
    places.filter((place) => place < path.length && isWanted(path[place] ?? "")).map((place) => place + 1);

const many =
  (isWanted: (character: string) => boolean): Step =>
  (path, places) => {
    const reached = new Set(places);
    // What is added is visited in its turn.
    for (const place of reached) if (place < path.length && isWanted(path[place] ?? "")) reached.add(place + 1);
    return [...reached];
  };

const anyNames: Step = (path, places) => [
  ...new Set([...places, ...one((character) => character === "/")(path, many(() => true)(path, places))]),
];

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
