/** `npm run faults`: every fault of the table on the lab, under traffic, with the end that was expected and what was seen. */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { FaultCase } from "./fault-case.ts";
import { FaultStage } from "./fault-stage.ts";
import { type FaultTable, faultTables } from "./fault-tables.ts";
import { type CaseRun, runCase } from "./run-case.ts";

const help = `npm run faults -- [options]

Lets the world fail in the middle of rollouts on the lab, under traffic, and holds the end against the one that is
written down for it. Needs root on Debian or Ubuntu. About twelve minutes.

  --only PATTERN   only faults whose name matches, as in --only 'bastion|disk'
  --json FILE      writes all that was seen
  --help           this text
`;

const { values } = parseArgs({
  options: {
    json: { type: "string" },
    only: { type: "string", default: "" },
    help: { type: "boolean", default: false },
  },
});

type NamedRun = Partial<CaseRun> & Pick<CaseRun, "complaints"> & Pick<FaultCase, "name" | "expected">;

/** 0 when every fault ended as written down, 1 when one did not, 2 for a mistake in the options. */
async function main(pattern: RegExp, json: string | undefined): Promise<number> {
  const chosen = faultTables.map(({ cases, wish }) => ({
    cases: cases.filter(({ name }) => pattern.test(name)),
    wish,
  }));
  if (chosen.every(({ cases }) => cases.length === 0)) {
    const names = faultTables.flatMap(({ cases }) => cases.map(({ name }) => `  ${name}`));
    process.stderr.write(`No fault matches --only ${pattern.source}. There are:\n${names.join("\n")}\n`);
    return 2;
  }
  const runs: NamedRun[] = [];
  for (const table of chosen)
    await runTable(table, (run) => {
      runs.push(run);
      say(lineOf(run));
    });
  const wrong = runs.filter(({ complaints }) => complaints.length > 0).length;
  say(`\n${runs.length} faults, ${wrong} with another end than expected`);
  if (json) await writeFile(json, `${JSON.stringify({ version: 1, runs, ok: wrong === 0 }, null, 2)}\n`);
  return wrong === 0 ? 0 : 1;
}

/** On one lab, and on a new one after a case that leaves it in a state from which no deploy leads back. */
async function runTable({ cases, wish }: FaultTable, told: (run: NamedRun) => void): Promise<void> {
  const left = [...cases];
  while (left.length > 0) {
    await using stage = await FaultStage.up(wish);
    for (let isWhole = true; isWhole && left.length > 0; ) {
      const [fault] = left.splice(0, 1);
      if (!fault) return;
      const { name, expected } = fault;
      const run = await runCase(stage, fault).catch((error: unknown) => ({ complaints: [String(error)] }));
      told({ name, expected, ...run });
      isWhole = "seen" in run;
    }
  }
}

function lineOf({ name, seen, complaints }: NamedRun): string {
  const code = seen?.code ? ` (${seen.code})` : "";
  const words = seen
    ? `${seen.state}${code}, ${seen.users.requests} requests, ${seen.users.lost} lost${
        seen.lostApart > 0 ? `, and ${seen.lostApart} more on what had no power` : ""
      }, ${seen.seconds} s`
    : "no good end";
  const first = `${complaints.length === 0 ? "ok    " : "FAILED"}  ${name}: ${words}`;
  return [first, ...complaints.map((line) => `          ${line}`)].join("\n");
}

function say(line: string): undefined {
  process.stdout.write(`${line}\n`);
}
process.exitCode = values.help ? (say(help) ?? 0) : await main(new RegExp(values.only), values.json);
