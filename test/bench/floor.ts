/**
 * The floor: a rolling release by bare ssh, docker and HAProxy commands, serial, with no tool around them. Runs in the
 * office and prints one line of JSON: `floor.ts open CONFIG HOST...` once, then `floor.ts roll CONFIG IMAGE HOST...`.
 */
import { runProgram } from "../lab/run-program.ts";
import { type FloorWays, openFloorWays } from "./floor-ways.ts";
import { type FloorRun, hostLaps, type StepLaps } from "./laps.ts";
import { healthEveryMs } from "./service.ts";

const stopGraceSeconds = "10";
const lookEveryMs = 20;
/** As Slipway asks a program that does not listen yet: soon, then at its interval. */
const healthPatience = { firstMs: [20, 40, 80], everyMs: healthEveryMs };
const waitLimitMs = 30_000;

async function roll(sshConfig: string, [image = "", ...hosts]: readonly string[]): Promise<FloorRun> {
  const ways = openFloorWays(sshConfig, hosts);
  const old = new Map(await Promise.all(hosts.map(async (host) => [host, await runningOn(ways, host)] as const)));
  const startedAt = performance.now();
  // As every tool here: the image is on every host before the first is drained.
  await Promise.all(hosts.map((host) => hold(ways, host, image)));
  const laps: Record<string, StepLaps> = {};
  for (const host of hosts) laps[host] = await replace(ways, { host, image, old: old.get(host) ?? "" });
  const ms = performance.now() - startedAt;
  // As with Slipway, the old ones stay until all is over, and are removed after the end that is measured.
  for (const [host, name] of old) await docker(ways, host, "rm", name);
  return { ms, hosts: laps };
}

/** The name of the one container there: a script would know it. */
const runningOn = async (ways: FloorWays, host: string): Promise<string> =>
  (await docker(ways, host, "ps", "--format", "'{{.Names}}'")).trim();

type Move = { readonly host: string; readonly image: string; readonly old: string };

/** One host; the numbers are those of the eight steps that give zero failed requests. */
async function replace(ways: FloorWays, { host, image, old }: Move): Promise<StepLaps> {
  const laps = hostLaps();
  await ways.order(`set server hello/${host} state drain`); // 1
  await until(`${host} is drained`, async () => (await ways.sight(host)).inFlight === 0); // 2
  laps.lap("drain");
  await docker(ways, host, "stop", "-t", stopGraceSeconds, old); // 3
  await ways.order(`set server hello/${host} health down`); // 4
  const run = ["--init", "--name", `hello-${image.slice(-12)}`, "--network", "host", "--restart", "unless-stopped"];
  await docker(ways, host, "run", "-d", ...run, image); // 5
  laps.lap("replace");
  await until(`${host} answers its health check`, () => ways.isHealthy(host), healthPatience);
  laps.lap("check");
  await until(`${host} is believed healthy`, async () => (await ways.sight(host)).isCheckGood); // 6
  await ways.order(`set server hello/${host} state ready`); // 7
  await until(`${host} is in service`, async () => (await ways.sight(host)).status.startsWith("UP"));
  laps.lap("admit");
  return laps.taken;
}

async function hold(ways: FloorWays, host: string, image: string): Promise<void> {
  await docker(ways, host, "image", "inspect", image).catch(() => docker(ways, host, "pull", "--quiet", image));
}

function docker({ config }: FloorWays, host: string, ...args: string[]): Promise<string> {
  return runProgram(["ssh", "-F", config, "--", host, "docker", ...args]);
}

type Patience = { readonly firstMs: readonly number[]; readonly everyMs: number };

async function until(
  what: string,
  look: () => Promise<boolean>,
  { firstMs, everyMs }: Patience = { firstMs: [], everyMs: lookEveryMs },
): Promise<void> {
  const giveUpAt = performance.now() + waitLimitMs;
  for (let times = 0; !(await look()); times++) {
    if (performance.now() > giveUpAt) throw new Error(`waited ${waitLimitMs / 1000} s until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, firstMs[times] ?? everyMs));
  }
}

const [verb, config = "", ...rest] = process.argv.slice(2);
if (verb === "open") await openFloorWays(config, rest).open();
else process.stdout.write(`${JSON.stringify(await roll(config, rest))}\n`);
