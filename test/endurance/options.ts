import { parseArgs } from "node:util";

export type EnduranceOptions = {
  readonly rollouts: number;
  readonly rate: number;
  readonly websockets: number;
  readonly json: string | undefined;
};

export const help = `npm run endurance -- [options]

Rollouts in a row on the lab's four hosts, each from a commit of its own, while users send requests over kept
connections and hold websockets open through the balancer. Prints what was counted and whether anything was lost,
cut or left behind. Needs root on Debian or Ubuntu. A rollout takes about 15 seconds.

  --rollouts N     how many (100)
  --rate N         requests per second (500)
  --websockets N   websockets that are held open (20)
  --json FILE      writes all counts and samples
  --help           this text
`;

const limits = { rollouts: 10_000, rate: 5_000, websockets: 1_000 } as const;

/** What the command line asks for; undefined for --help. */
export function enduranceOptions(argv: readonly string[]): EnduranceOptions | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      rollouts: { type: "string", default: "100" },
      rate: { type: "string", default: "500" },
      websockets: { type: "string", default: "20" },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const numberOf = (name: keyof typeof limits) => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value >= 1 && value <= limits[name]) return value;
    throw new RangeError(`--${name} is a number from 1 to ${limits[name]}, not "${values[name]}".`);
  };
  return {
    rollouts: numberOf("rollouts"),
    rate: numberOf("rate"),
    websockets: numberOf("websockets"),
    json: values.json,
  };
}
