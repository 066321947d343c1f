import { parseArgs } from "node:util";

export const help = `npm run chaos                 kills the server at and between all steps of a rollout, a put back and a roll back
npm run chaos -- --sample N   so many kills of a real server on the lab, under traffic (12; 0: the simulator only)
npm run chaos -- --pairs N    so many pairs of kills on the simulator (600)
npm run chaos -- --json FILE  and writes cases, violations, requests and failed
The lab needs root on Linux.
`;

export type ChaosOptions = { readonly sample: number; readonly pairs: number; readonly json: string | undefined };

/** Undefined: help is wanted. Throws with words for a person. */
export function chaosOptions(argv: readonly string[]): ChaosOptions | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      sample: { type: "string", default: "12" },
      pairs: { type: "string", default: "600" },
      json: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return undefined;
  return { sample: count("sample", values.sample), pairs: count("pairs", values.pairs), json: values.json };
}

function count(name: string, text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new Error(`--${name} wants a number of cases, not "${text}".`);
}
