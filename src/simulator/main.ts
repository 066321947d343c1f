import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { nothingToRehearse, notPlayed } from "#simulator/not-played.ts";
import { recordedShape } from "#simulator/recorded-run.ts";
import { rehearsalPage } from "#simulator/rehearsal-page.ts";
import { rehearse } from "#simulator/rehearse.ts";

const differsExit = 1;
const refusedExit = 2;

/** `slipway rehearse <file>`: plays an exported rollout again, without a server and without touching anything. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const options = { "kill-at": { type: "string", multiple: true }, json: { type: "boolean" } } as const;
    const { values, positionals } = parseArgs({ args: argv.slice(1), options, allowPositionals: true });
    const [file] = positionals;
    if (file === undefined) return refuse("Name the file that `slipway export` wrote.");
    const killAt = (values["kill-at"] ?? []).flatMap((text) => text.split(",")).map(Number);
    if (killAt.some((point) => !Number.isInteger(point) || point < 0))
      return refuse("--kill-at takes numbers of points, as in 12 or 12,40.");
    const exported = await readExported(file);
    const nothing = nothingToRehearse(exported);
    if (nothing) return refuse(nothing);
    const recorded = recordedShape.safeParse(exported).data;
    if (!recorded) return refuse(`${file} is not what \`slipway export\` writes.`);
    const rehearsal = await rehearse(recorded, killAt);
    const { lines, differences } = rehearsalPage(recorded, rehearsal);
    const left = notPlayed(recorded);
    if (values.json)
      process.stdout.write(`${JSON.stringify({ ...rehearsal, differences, notPlayed: left }, undefined, 2)}\n`);
    else {
      const end = [...words(rehearsal, differences), ...left.map((part) => `not played: ${part}`)];
      process.stdout.write(`${[...lines, "", ...end].join("\n")}\n`);
    }
    return differences.length === 0 ? 0 : differsExit;
  } catch (thrown) {
    return refuse(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

async function readExported(file: string): Promise<unknown> {
  const text = await readFile(file, "utf8");
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON at all.
    return undefined;
  }
}

const words = (
  { state, points, deaths, failed }: Awaited<ReturnType<typeof rehearse>>,
  differences: readonly string[],
): string[] => [
  `it ended as ${state}; ${Math.round(failed)} requests failed; ${points} points passed, killed at ${deaths}`,
  ...(differences.length === 0 ? ["it went as it was recorded"] : differences),
];

function refuse(message: string): number {
  process.stderr.write(`${message}\n`);
  return refusedExit;
}
