/** `npm run bench`: Slipway beside bare commands and beside a playbook, and what a host costs as the fleet grows. */
import { writeFile } from "node:fs/promises";
import { benchStage } from "./bench-stage.ts";
import { type Measured, measuredOf } from "./measured.ts";
import { type BenchOptions, benchOptions, help } from "./options.ts";
import { measurePush, type Push } from "./push.ts";
import { report } from "./report.ts";
import { measureRolling, type Rolling, ways } from "./rolling.ts";
import { measureSimulated } from "./simulated.ts";

process.exitCode = await main(process.argv.slice(2));

/** 0 when everything was measured, whatever it came to; 2 for a mistake in the options. */
async function main(argv: readonly string[]): Promise<number> {
  let options: BenchOptions | undefined;
  try {
    options = benchOptions(argv);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${help}`);
    return 2;
  }
  if (!options) return say(help) ?? 0;
  const ending = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => ending.abort(new Error(`ended by ${signal}`)));
  try {
    const measured = await measure(options, ending.signal);
    say(report(measured));
    if (options.json) await writeFile(options.json, `${JSON.stringify(measured, null, 2)}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
    return 1;
  }
}

async function measure({ rounds, parts }: BenchOptions, signal: AbortSignal): Promise<Measured> {
  const simulated = parts.includes("simulated") ? await measureSimulated({ rounds, say, signal }) : undefined;
  const inLab = parts.some((part) => part !== "simulated") ? await measureInLab({ rounds, parts }, signal) : {};
  return measuredOf({ rounds, ...inLab, ...(simulated ? { simulated } : {}) });
}

/** A push is held against the floor, so that the floor is always measured with it. */
async function measureInLab(
  { rounds, parts }: Pick<BenchOptions, "rounds" | "parts">,
  signal: AbortSignal,
): Promise<{ rolling: Partial<Rolling>; push?: Push }> {
  await using stage = await benchStage(say, signal);
  const which = parts.includes("lab") ? ways : (["floor"] as const);
  const rolling = await measureRolling(stage, { rounds, which, say, signal });
  return parts.includes("push") ? { rolling, push: await measurePush(stage, { rounds, say }) } : { rolling };
}

function say(line: string): undefined {
  process.stdout.write(`${line}\n`);
}
