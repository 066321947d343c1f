import { glob } from "node:fs/promises";
import { join } from "node:path";

export const root = join(import.meta.dirname, "../..");

/** Unit, property and architecture tests: they need nothing but Node. */
export const fastPatterns = [
  "src/**/*.test.ts",
  "scripts/**/*.test.ts",
  "demo/**/*.test.ts",
  "test/bench/**/*.test.ts",
  "test/endurance/**/*.test.ts",
  "test/architecture.test.ts",
];

/** The whole program on fakes and a virtual clock. */
export const simulatedPatterns = ["test/simulation/**/*.test.ts", "test/scenarios/**/*.test.ts"];

/** With real engines and browsers. They must not run against each other: the machine's network is shared. */
export const realPatterns = ["test/integration/**/*.test.ts", "test/e2e/**/*.test.ts"];

/** The files, relative to the checkout, in a fixed order; only those whose path holds one of `words`, where any is given. */
export const testFiles = async (patterns: readonly string[], words: readonly string[] = []): Promise<string[]> => {
  const found = await Array.fromAsync(glob([...patterns], { cwd: root, exclude: ["**/node_modules/**"] }));
  return found.filter((file) => words.length === 0 || words.some((word) => file.includes(word))).sort();
};

export type Asked = { readonly words: readonly string[]; readonly options: readonly string[] };

/** What follows `npm test --`: words that choose files, and options for Node's runner. */
export const askedFor = (args: readonly string[]): Asked => ({
  words: args.filter((arg) => !arg.startsWith("-")),
  options: args.filter((arg) => arg.startsWith("-")),
});
