/** `npm run lab`: the lab for a person. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { askHaproxy } from "./ask-haproxy.ts";
import { directions, drawing } from "./drawing.ts";
import { enterCommand, nodeEnv } from "./inside.ts";
import { type Lab, labDown, labUp } from "./lab.ts";
import { deadLabs, labDir, livingOwner, nodeDir } from "./lab-files.ts";
import { textOrNothing } from "./proc.ts";

const pagePort = 7420;
const help = `npm run lab -- [options]

Brings up a private network on this machine: office, bastion, hosts, balancer, registry. Needs root.

  --hosts N         how many hosts (4)
  --prefix NAME     the lab's name, if you want two side by side (lab)
  --enter NODE ...  run a command in a node of a lab that is up (a shell, if none is given)
  --haproxy COMMAND ask the balancer, as in --haproxy "show stat"
  --down            remove that lab, and whatever killed labs have left
  --help            this text
`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    hosts: { type: "string", default: "4" },
    prefix: { type: "string", default: "lab" },
    enter: { type: "boolean", default: false },
    haproxy: { type: "string" },
    down: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
  // What follows the node's name belongs to the command that is run there.
  args: upToNode(process.argv.slice(2)),
});

try {
  if (options.help) process.stdout.write(help);
  else if (options.down) await takeDown(options.prefix);
  else if (options.haproxy !== undefined)
    process.stdout.write(await askHaproxy(pidOf(options.prefix, "balancer"), options.haproxy));
  else if (options.enter) process.exitCode = enter(options.prefix, positionals);
  else await holdUp(options.prefix, Number(options.hosts));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

async function holdUp(prefix: string, hosts: number): Promise<void> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
  const start = performance.now();
  const lab = await labUp({ prefix, hosts, signal: stop.signal }).catch((error: unknown) => {
    if (stop.signal.aborted) return undefined;
    throw error;
  });
  if (lab === undefined) return;
  await using _down = lab;
  const port = await publishPage(lab);
  writeFileSync(join(lab.sharedDir, "fleet.yaml"), lab.fleetYaml());
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stdout.write(`Lab ${prefix} is up after ${seconds} s.\n${drawing(lab)}`);
  process.stdout.write(directions(lab, port, labWords(prefix)));
  await ended(stop.signal);
}

/** The page's own port if it is free, so that the address is the one the handbook names. */
async function publishPage(lab: Lab): Promise<number> {
  return lab.publish(pagePort, pagePort).catch(() => lab.publish(pagePort));
}

async function takeDown(prefix: string): Promise<void> {
  for (const name of new Set([prefix, ...deadLabs()])) {
    await labDown(name);
    process.stdout.write(`Nothing is left of lab ${name}.\n`);
  }
}

function enter(prefix: string, [node, ...argv]: string[]): number {
  if (node === undefined) throw new RangeError("Say which node: --enter office, --enter web-1, ...");
  const [file, ...args] = enterCommand(pidOf(prefix, node), argv.length > 0 ? argv : ["bash"]);
  const env = { ...nodeEnv, TERM: process.env.TERM ?? nodeEnv.TERM };
  return spawnSync(file, args, { stdio: "inherit", env }).status ?? 1;
}

function pidOf(prefix: string, node: string): number {
  const pid = textOrNothing(join(nodeDir(labDir(prefix), node), "pid"));
  if (pid === undefined || livingOwner(prefix) === undefined)
    throw new RangeError(`There is no ${node} in a lab ${prefix} that is up.`);
  return Number(pid);
}

function labWords(prefix: string): string {
  return `npm run -s lab --${prefix === "lab" ? "" : ` --prefix ${prefix}`}`;
}

function upToNode(args: string[]): string[] {
  const enterAt = args.indexOf("--enter");
  return enterAt < 0 ? args : [...args.slice(0, enterAt + 1), "--", ...args.slice(enterAt + 1)];
}

function ended(signal: AbortSignal): Promise<void> {
  // A timer keeps the process alive while nothing else happens.
  const alive = setInterval(() => undefined, 60_000);
  return new Promise((resolve) => {
    const end = () => {
      clearInterval(alive);
      resolve();
    };
    if (signal.aborted) end();
    else signal.addEventListener("abort", end);
  });
}
