import { parseArgs } from "node:util";

export const parts = ["lab", "simulated", "push"] as const;
export type Part = (typeof parts)[number];

export type BenchOptions = {
  readonly json: string | undefined;
  readonly rounds: number;
  readonly parts: readonly Part[];
};

export const help = `npm run bench -- [options]

Measures Slipway beside a program of bare commands and beside an Ansible playbook, in one run, and prints what each
target came to. Needs root on Debian or Ubuntu; installs Ansible with apt-get if it is missing. About five minutes.

  --rounds N    how often everything is measured (3); the figures are medians
  --only PART   lab (a rolling release, three ways), push (from git push to live), simulated (1,000 hosts);
                may be given more than once
  --json FILE   writes all figures, also those of each round
  --help        this text

  npm run bench
  npm run bench -- --rounds 5 --json bench.json
  npm run bench -- --only simulated
`;

const mostRounds = 50;

/** What the command line asks for; undefined for --help. */
export function benchOptions(argv: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      json: { type: "string" },
      rounds: { type: "string", default: "3" },
      only: { type: "string", multiple: true, default: [...parts] },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > mostRounds)
    throw new RangeError(`--rounds is a number from 1 to ${mostRounds}, not "${values.rounds}".`);
  return { json: values.json, rounds, parts: values.only.map(partNamed) };
}

function partNamed(name: string): Part {
  const found = parts.find((part) => part === name);
  if (found) return found;
  throw new RangeError(`--only is ${parts.join(", ")}, not "${name}".`);
}
