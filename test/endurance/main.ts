/** `npm run endurance`: rollout after rollout under traffic; nothing may fail, be cut, leak or grow. */
import { writeFile } from "node:fs/promises";
import { type EnduranceOptions, enduranceOptions, help } from "./options.ts";
import { report } from "./report.ts";
import { runEndurance } from "./run-endurance.ts";
import { memoryOf, verdictsOf } from "./verdicts.ts";

process.exitCode = await main(process.argv.slice(2));

/** 0 when every promise held, 1 when one did not, 2 for a mistake in the options. */
async function main(argv: readonly string[]): Promise<number> {
  let options: EnduranceOptions | undefined;
  try {
    options = enduranceOptions(argv);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${help}`);
    return 2;
  }
  if (!options) return say(help) ?? 0;
  const ending = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => ending.abort(new Error(`ended by ${signal}`)));
  const { json, ...asked } = options;
  try {
    const run = await runEndurance({ ...asked, say, signal: ending.signal });
    const verdicts = verdictsOf(run);
    const isGood = verdicts.every((verdict) => verdict.isGood);
    say(report(run));
    const written = { version: 1, ...run, memory: memoryOf(run), verdicts, ok: isGood };
    if (json) await writeFile(json, `${JSON.stringify(written, null, 2)}\n`);
    return isGood ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
    return 1;
  }
}

function say(line: string): undefined {
  process.stdout.write(`${line}\n`);
}
