/** `npm run chaos`: the server is killed at every point of a rollout, and nothing may come of it. */
import { writeFile } from "node:fs/promises";
import { labChaos } from "./lab.ts";
import { type ChaosOptions, chaosOptions, help } from "./options.ts";
import { type Chaos, simulatedChaos } from "./simulated.ts";

process.exitCode = await main(process.argv.slice(2));

/** 0 when no rule was violated and no request failed, and kills met what they were meant for; 2 for a mistake in the options. */
async function main(argv: readonly string[]): Promise<number> {
  let options: ChaosOptions | undefined;
  try {
    options = chaosOptions(argv);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${help}`);
    return 2;
  }
  if (!options) return say(help) ?? 0;
  const ending = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => ending.abort(new Error(`ended by ${signal}`)));
  const simulated = await simulatedChaos({ pairs: options.pairs });
  tell("on the simulator", simulated);
  say(`  ${simulated.between} died between acts, ${simulated.inside} inside of one, ${simulated.twice} twice`);
  const lab = options.sample > 0 ? await labChaos({ cases: options.sample, say, signal: ending.signal }) : undefined;
  if (lab) {
    tell("on the lab", lab);
    say(`  ${lab.missed} more kills missed their moment: the rollout had ended; they are no cases`);
  }
  const all = {
    version: 1,
    cases: simulated.cases + (lab?.cases ?? 0),
    violations: simulated.violations + (lab?.violations ?? 0),
    requests: simulated.requests + (lab?.requests ?? 0),
    failed: simulated.failed + (lab?.failed ?? 0),
    simulated,
    ...(lab ? { lab } : {}),
  };
  if (options.json) await writeFile(options.json, `${JSON.stringify(all, null, 2)}\n`);
  const { cases, violations, requests, failed } = all;
  say(`\nall together: ${cases} cases, ${violations} violations, ${requests} requests, ${failed} failed`);
  const isProof = lab === undefined || lab.cases > 0;
  return isProof && violations === 0 && failed === 0 ? 0 : 1;
}

function tell(where: string, { cases, violations, requests, failed, broken }: Chaos): void {
  say(`${where}: ${cases} cases, ${violations} violations, ${requests} requests, ${failed} failed`);
  for (const { journey, killed, violations: words } of broken)
    say(`  ${journey}, killed ${killed}:\n    ${words.join("\n    ")}`);
}

function say(line: string): undefined {
  process.stdout.write(`${line}\n`);
}
