import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, test } from "node:test";

type Packages = readonly string[] | "any";
type Rule = { readonly folders: readonly string[]; readonly packages?: Packages; readonly node?: boolean };

/**
 * What each folder of src may import beside itself: DESIGN.md, section 5. Further than that page go only: `cli` reads
 * config, so that `slipway validate` needs no server; `app` speaks the contract's shapes, which are its answers'
 * form; `simulator` is a world of its own that the workflows run in, for rehearsals and for every simulated test; and
 * `server` holds what belongs to the process itself, so that main.ts only joins.
 */
const table: Readonly<Record<string, Rule>> = {
  core: { folders: [], packages: ["zod"] },
  ports: { folders: ["core"] },
  engine: { folders: ["core", "ports"], packages: ["@dbos-inc/dbos-sdk"] },
  workflows: { folders: ["core", "ports", "engine"] },
  adapters: { folders: ["core", "ports", "adapters/process"], packages: "any", node: true },
  simulator: { folders: ["core", "ports", "engine", "workflows"], packages: ["zod"], node: true },
  app: { folders: ["core", "ports", "engine", "workflows", "contract"] },
  config: { folders: ["core"], packages: ["zod", "yaml", "fastest-levenshtein"] },
  contract: { folders: ["core"], packages: ["zod"] },
  api: { folders: ["app", "contract", "core"], packages: "any", node: true },
  cli: { folders: ["contract", "config"], packages: "any", node: true },
  web: { folders: ["contract"], packages: "any" },
  server: { folders: ["core", "config", "contract"], packages: "any", node: true },
  "main.ts": {
    folders: ["core", "ports", "engine", "workflows", "adapters/*", "app", "config", "contract", "api", "server"],
    packages: "any",
    node: true,
  },
};

/** Run by the build of the pages, not by the pages. */
const buildFiles = ["src/web/vite.config.ts"];
const coreTestPackages = ["zod", "outside/test/seeded-check.ts", "node:test", "node:assert/strict"];
/** Every property is played with one seed. */
const seeded = "test/seeded-check.ts";
const longestFile = 400;
const emptyNames = /^(utils?|helpers?|common|libs?|misc|managers?|handlers?|processors?)$/;
/** Its timer decides nothing: it only gathers small writes into larger ones. */
const gatherers = ["src/workflows/log-writer.ts"];
/** What makes a decision differ from one run to the next. */
const impure = /\b(Date\.now|Math\.random|performance\.now|process\.|setTimeout|setInterval|fetch)\b|\bnew Date\(\)/;

const root = join(import.meta.dirname, "..");
const filesOf = (...patterns: string[]) => globSync(patterns, { cwd: root }).sort();
const textOf = (file: string) => readFileSync(join(root, file), "utf8");
const sources = filesOf("src/**/*.{ts,tsx}");
const isTest = (file: string) => /\.(test|prop\.test|contract)\.ts$/.test(file);

describe("the house of DESIGN.md, section 5", () => {
  test("every import of src is one that the table allows", () => {
    const wrong = sources.flatMap((file) => offences(file, textOf(file)));
    assert.deepEqual(wrong, []);
  });

  test("every folder of src has a row in the table", () => {
    assert.deepEqual(
      [...new Set(sources.map(placeOf))].map(rowOf).filter((row) => !table[row]),
      [],
    );
  });

  test("main.ts is loaded by bin/slipway.ts alone", () => {
    const importers = filesOf("{src,test,demo,scripts,bin}/**/*.{ts,tsx}").filter((file) =>
      importsOf(textOf(file)).some((specifier) => targetOf(file, specifier) === "src/main.ts"),
    );
    assert.deepEqual(importers, ["bin/slipway.ts"]);
  });

  test("what core and the workflows decide depends on nothing but what they are given", () => {
    const files = filesOf("src/{core,workflows}/**/*.ts").filter((file) => !isTest(file) && !gatherers.includes(file));
    assert.deepEqual(
      files.filter((file) => impure.test(textOf(file))),
      [],
    );
  });

  test("every property is played with the seed that can be asked for", () => {
    const importers = filesOf("{src,test,demo,scripts}/**/*.ts").filter((file) =>
      importsOf(textOf(file)).includes("fast-check"),
    );
    assert.deepEqual(importers, [seeded]);
  });

  test(`no file of src is longer than ${longestFile} lines`, () => {
    const long = filesOf("src/**/*.{ts,tsx,css}").filter((file) => textOf(file).split("\n").length > longestFile + 1);
    assert.deepEqual(long, []);
  });

  test("no file or folder has a name that says nothing", () => {
    assert.deepEqual(filesOf("{src,demo,scripts,test}/**/*").filter(hasEmptyName), []);
  });
});

describe("the walk itself sees", () => {
  const caught: readonly [name: string, file: string, text: string][] = [
    ["a static import", "src/core/x.ts", 'import { readFile } from "node:fs/promises";'],
    ["an import over several lines", "src/ports/x.ts", 'import {\n  a,\n  b,\n} from "#engine/run.ts";'],
    ["a type import", "src/workflows/x.ts", 'import type { X } from "#adapters/git/git-source.ts";'],
    ["an import type in the middle of a line", "src/core/x.ts", 'const x: import("#ports/clock.ts").Clock = y;'],
    ["an import for its effect", "src/core/x.ts", 'import "pino";'],
    ["a re-export", "src/contract/x.ts", 'export * from "#app/use-cases.ts";'],
    ["a dynamic import", "src/cli/x.ts", 'const x = await import("#app/use-cases.ts");'],
    ["a dynamic import of who knows what", "src/api/x.ts", "const x = await import(name);"],
    ["a required package", "src/config/x.ts", 'const x = require("node:fs");'],
    ["a relative way around", "src/workflows/x.ts", 'import { x } from "../adapters/git/commands.ts";'],
    ["a way out of src", "src/app/x.ts", 'import x from "../../test/fakes/virtual-clock.ts";'],
    ["another adapter", "src/adapters/git/x.ts", 'import { x } from "#adapters/docker/context.ts";'],
    ["another adapter, next door", "src/adapters/git/x.ts", 'import { x } from "../docker/context.ts";'],
    ["a test's part in the program", "src/app/x.ts", 'import { x } from "#test/fakes/api.ts";'],
    ["an engine that knows a deploy", "src/engine/x.ts", 'import { x } from "#workflows/rollout.ts";'],
    ["a page that reads the machine", "src/web/x.tsx", 'import { readFileSync } from "node:fs";'],
    ["a page that reads the core", "src/web/x.tsx", 'import { makePlan } from "#core/make-plan.ts";'],
    ["a part that reads the server's options", "src/api/x.ts", 'import { x } from "#server/options.ts";'],
    ["the command line in the server's process", "src/main.ts", 'import { cli } from "#cli/cli.ts";'],
    ["a core test that needs more than the core", "src/core/x.test.ts", 'import { x } from "#app/use-cases.ts";'],
    ["a folder without a row", "src/extras/x.ts", 'import { x } from "#core/plan.ts";'],
  ];
  for (const [name, file, text] of caught) test(name, () => assert.equal(offences(file, text).length, 1));

  const allowed: readonly [name: string, file: string, text: string][] = [
    ["its own folder", "src/app/x.ts", 'import { y } from "./y.ts";\nexport { z } from "#app/z.ts";'],
    ["what its row names", "src/adapters/git/x.ts", 'import { run } from "#adapters/process/run-process.ts";'],
    ["every adapter in main.ts", "src/main.ts", 'import { x } from "./adapters/git/git-source.ts";'],
    ["a test on fakes", "src/api/x.test.ts", 'import { x } from "#test/fakes/api.ts";'],
    ["words about imports", "src/core/x.ts", '// what comes from "node:fs" is not ours\nconst x = \'from "y"\';'],
  ];
  for (const [name, file, text] of allowed)
    test(`nothing wrong with ${name}`, () => assert.deepEqual(offences(file, text), []));

  test("the names and the calls it looks for", () => {
    assert.ok(["src/app/utils.ts", "src/lib/x.ts", "demo/log-handler.ts"].every(hasEmptyName));
    assert.ok(!["src/ports/source.ts", "src/core/secret.ts"].some(hasEmptyName));
    assert.ok(["Date.now()", "new Date()", "process.env.X"].every((text) => impure.test(text)));
    assert.ok(!impure.test("new Date(at).toISOString()"));
  });
});

function offences(file: string, text: string): string[] {
  if (buildFiles.includes(file)) return [];
  const place = placeOf(file);
  const isAllowed = isTest(file) ? testsAllow(place) : ruleAllows(place, table[rowOf(place)] ?? { folders: [] });
  const unreadable = /\bimport\s*\(\s*[^"'`\s]/.test(text) ? [`${file}: import of a name that is not written out`] : [];
  return [
    ...importsOf(text)
      .filter((specifier) => !isAllowed(targetOf(file, specifier)))
      .map((specifier) => `${file}: ${specifier}`),
    ...unreadable,
  ];
}

/** Tests stand beside the code and may use the fakes; the core's stay in the core, so that it stays understandable alone. */
const testsAllow = (place: string) => (target: string) =>
  place !== "core" || coreTestPackages.includes(target) || placeOf(target) === "core";

const ruleAllows =
  (place: string, { folders, packages = [], node = false }: Rule) =>
  (target: string): boolean => {
    if (target.startsWith("node:")) return node;
    if (!target.startsWith("src/"))
      return !target.startsWith("outside/") && (packages === "any" || packages.includes(packageOf(target)));
    const wanted = placeOf(target);
    return (
      wanted === place || folders.includes(wanted) || (folders.includes("adapters/*") && rowOf(wanted) === "adapters")
    );
  };

/** `core`, `adapters/git`, `main.ts`: the part of the house that a file of src is in. */
function placeOf(file: string): string {
  const [, first = "", second = ""] = file.split("/");
  return first === "adapters" ? `${first}/${second}` : first;
}

const rowOf = (place: string): string => place.split("/")[0] ?? place;

/** A file of the checkout, `outside/...` for one that is not of src, or the package's own name. */
function targetOf(file: string, specifier: string): string {
  const path = specifier.startsWith("#")
    ? specifier.replace(/^#test\//, "test/").replace(/^#/, "src/")
    : specifier.startsWith(".")
      ? relative(".", join(dirname(file), specifier))
      : undefined;
  if (path === undefined) return specifier;
  return path.startsWith("src/") ? path : `outside/${path}`;
}

const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

const importForms = [
  /^\s*(?:import|export)\b[^;"'`]*?\bfrom\s*["']([^"']+)["']/gm,
  /^\s*import\s*["']([^"']+)["']/gm,
  /\b(?:import|require)\s*\(\s*["'`]([^"'`]+)["'`]/g,
];

const importsOf = (text: string): string[] =>
  importForms.flatMap((form) => [...text.matchAll(form)].map((match) => match[1] ?? ""));

const hasEmptyName = (path: string): boolean =>
  path.split("/").some((part) => part.split(/[-.]/).some((word) => emptyNames.test(word)));
