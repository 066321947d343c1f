import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { ensurePage } from "../scripts/setup/ensure-page.ts";
import { labScene } from "./lab-scene.ts";
import { localScene } from "./local-scene.ts";
import type { Scene } from "./scene.ts";
import type { Step } from "./step-book.ts";
import { tellStory } from "./story.ts";

const help = `npm run demo                        the whole of Slipway on this machine, for you to play with
npm run demo -- --once              plays it once, unattended, and cleans up
npm run demo -- --once --json FILE  and writes what happened
npm run demo -- --lab               the same on a private network behind a bastion (root on Linux)
`;

type Options = { readonly once: boolean; readonly json: string | undefined; readonly lab: boolean };

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      once: { type: "boolean" },
      json: { type: "string" },
      lab: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return say(help) ?? 0;
  const options = { once: values.once ?? false, json: values.json, lab: values.lab ?? false };
  const ending = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => ending.abort(new Error("ended by Ctrl-C")));
  return play(options, ending.signal);
}

async function play(options: Options, signal: AbortSignal): Promise<number> {
  let scene: Scene | undefined;
  let steps: Step[] = [];
  let problem: unknown;
  const startedAt = performance.now();
  try {
    await ensurePage().catch((error) => say(`no page: ${error}`));
    scene = await (options.lab ? labScene : localScene)({ say, signal });
    say(`Slipway is up after ${seconds(startedAt)} s\n\n  page: ${scene.url}/#token=${scene.token}\n`);
    steps = await tellStory(scene, { say, signal });
    say(`\nevery expectation held, after ${seconds(startedAt)} s`);
    if (!options.once) await letPlay(scene, signal);
  } catch (error) {
    if (!signal.aborted) problem = error;
  } finally {
    say("removing all that the demo made");
    await scene?.stop();
  }
  const isGood = problem === undefined && (steps.length === 4 || (signal.aborted && !options.once));
  if (options.json) await writeFile(options.json, `${JSON.stringify({ version: 1, steps, ok: isGood }, null, 2)}\n`);
  if (problem)
    process.stderr.write(`${problem instanceof Error ? (problem.stack ?? problem.message) : String(problem)}\n`);
  return isGood ? 0 : 1;
}

/** Until Ctrl-C. */
async function letPlay(scene: Scene, signal: AbortSignal): Promise<void> {
  say(`
Play with it:
  the page            ${scene.url}/#token=${scene.token}
  push a commit       cd ${scene.repository} && $EDITOR greeting.js && git commit -am "Try something"
  the command line    ${scene.hints.join("\n                      ")}
  roll back           ./bin/slipway rollback hello integration
Ctrl-C ends it and removes all it made.
`);
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

function say(line: string): undefined {
  process.stdout.write(`${line}\n`);
}

const seconds = (since: number): number => Math.round((performance.now() - since) / 100) / 10;

process.exitCode = await main();
