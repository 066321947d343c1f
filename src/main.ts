import { randomUUID } from "node:crypto";
import { chmod, mkdir, readFile, statfs } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { allAlerts } from "#adapters/alerts/all-alerts.ts";
import { noAutoscaling } from "#adapters/autoscaling/no-autoscaling.ts";
import { keepTimeSteady, systemClock } from "#adapters/clock/system-clock.ts";
import { dockerContainers } from "#adapters/docker/docker-containers.ts";
import { dockerImages } from "#adapters/docker/docker-images.ts";
import { gitSource } from "#adapters/git/git-source.ts";
import { guardedBalancer } from "#adapters/guard/guarded-balancer.ts";
import { haproxyBalancer } from "#adapters/haproxy/haproxy-balancer.ts";
import { httpChecks } from "#adapters/http/http-checks.ts";
import { httpProber } from "#adapters/http/http-prober.ts";
import { reachMachines } from "#adapters/machine/reach-machines.ts";
import { chatNotices } from "#adapters/notify/chat-notices.ts";
import { resvgPictures } from "#adapters/picture/resvg-pictures.ts";
import { buildRecords } from "#adapters/postgres/builds.ts";
import { PostgresChanges } from "#adapters/postgres/changes.ts";
import { PostgresDatabase } from "#adapters/postgres/database.ts";
import { startEmbeddedPostgres } from "#adapters/postgres/embedded.ts";
import { headRecords } from "#adapters/postgres/heads.ts";
import { holds } from "#adapters/postgres/holds.ts";
import { hostMarks } from "#adapters/postgres/host-marks.ts";
import { logs } from "#adapters/postgres/logs.ts";
import { receiptRecords } from "#adapters/postgres/receipts.ts";
import { releaseRecords } from "#adapters/postgres/releases.ts";
import { rolloutRecords } from "#adapters/postgres/rollouts.ts";
import { timeline } from "#adapters/postgres/timeline.ts";
import { turns } from "#adapters/postgres/turns.ts";
import { prometheusMetrics } from "#adapters/prometheus/prometheus-metrics.ts";
import { fileSecrets } from "#adapters/secrets/file-secrets.ts";
import { fileSigner } from "#adapters/signing/file-signer.ts";
import { sshReach } from "#adapters/ssh/ssh-reach.ts";
import { processWorkspaces } from "#adapters/workspace/process-workspaces.ts";
import { startApi } from "#api/server.ts";
import type { Application } from "#app/application.ts";
import { FleetSights } from "#app/fleet-sights.ts";
import { JoinWatch } from "#app/join-hosts.ts";
import { makeUseCases } from "#app/make-use-cases.ts";
import { Reaper } from "#app/reaper.ts";
import { showReceiptFile } from "#app/show-receipt.ts";
import { takeUp } from "#app/take-up.ts";
import { SourceWatch } from "#app/watch-sources.ts";
import { parseServiceFile } from "#config/service-file.ts";
import { httpAddress } from "#contract/http-address.ts";
import { tokenFile } from "#contract/state-directory.ts";
import { SlipwayError } from "#core/errors.ts";
import { makeMask } from "#core/mask.ts";
import { DbosEngine } from "#engine/dbos-engine.ts";
import { deliver } from "#workflows/deliver.ts";
import { giveBackDrains } from "#workflows/give-back-drains.ts";
import { oneAtATime } from "#workflows/one-at-a-time.ts";
import { rolloutWorkflows } from "#workflows/rollout-workflows.ts";
import type { World } from "#workflows/world.ts";
import { endBecause } from "./server/end-because.ts";
import { FleetInForce } from "./server/fleet-in-force.ts";
import { type ServerOptions, serverOptions } from "./server/options.ts";
import { reservePort } from "./server/reserve-port.ts";
import { type ServerLog, serverLog } from "./server/server-log.ts";
import { serverToken } from "./server/token.ts";

const refusedExit = 2;
const failedExit = 1;

/** `slipway server`: resolves with the exit code once it has stopped. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    keepTimeSteady();
    const options = serverOptions(argv.slice(1), process.env);
    using fleet = await FleetInForce.read(options.fleetFile);
    if (options.isConfigCheck) return say(`${options.fleetFile}: ${summary(fleet)}: good`);
    await using server = await startServer(options, fleet);
    await server.untilTold();
    return 0;
  } catch (thrown) {
    const error = SlipwayError.from(thrown);
    process.stderr.write(`${error.message}\n${error.advice}\n`);
    if (error.code === "fault" && thrown instanceof Error) process.stderr.write(`${thrown.stack}\n`);
    return error.kind === "refusal" ? refusedExit : failedExit;
  }
}

type Server = AsyncDisposable & { untilTold(): Promise<void> };

/** Everything is joined here, in the order in which one thing needs another; disposed of in the reverse order. */
async function startServer(options: ServerOptions, fleet: FleetInForce): Promise<Server> {
  await using stack = new AsyncDisposableStack();
  const reserved = stack.use(await reservePort(options));
  const directory = await makeStateDirectory(options.stateDirectory);
  const token = await serverToken(directory);
  const secrets = fileSecrets({ directory: join(directory, "secrets"), env: process.env });
  await secrets.remember();
  const mask = (text: string) => makeMask([...secrets.known(), token])(text);
  const log = serverLog(mask, process.stdout.isTTY === true);
  // A mistake of ours in one rollout must not end the others: it is said, and its own run fails or stalls visibly.
  process.on("unhandledRejection", (reason) =>
    log.error(`fault: ${reason instanceof Error ? reason.stack : String(reason)}`),
  );
  const databaseUrl = options.databaseUrl ?? (await embeddedDatabase(stack, directory, log.warn));
  const database = stack.use(await PostgresDatabase.open(databaseUrl, log.warn, endBecause(log)));
  const changes = stack.use(new PostgresChanges(databaseUrl, log.warn));
  await changes.open();
  const reach = stack.use(
    sshReach({ directory: await privateDirectory(directory, "ssh"), knownHostsFile: join(directory, "known_hosts") }),
  );
  const pageUrl = options.publicUrl ?? httpAddress(options.host, reserved.port);
  const clock = systemClock();
  const world: World = {
    clock,
    source: gitSource({ cacheDirectory: join(directory, "git") }),
    workspaces: processWorkspaces({ directory: join(directory, "workspaces") }),
    images: dockerImages({ socketPath: options.engineSocket }),
    containers: stack.use(dockerContainers({ reach })),
    balancer: guardedBalancer(haproxyBalancer({ reach, clock }), (signal) => database.held(signal)),
    checks: httpChecks({ reach }),
    prober: httpProber(),
    notices: chatNotices({ clock }),
    secrets,
    heads: database.records(headRecords),
    builds: database.records(buildRecords),
    releases: database.records(releaseRecords),
    rollouts: database.records(rolloutRecords),
    timeline: database.records(timeline),
    logs: database.records(logs),
    holds: database.records(holds),
    hostMarks: database.records(hostMarks),
    receipts: database.records(receiptRecords),
    signer: await fileSigner(directory),
    turns: database.records(turns),
    metrics: prometheusMetrics(),
    alerts: allAlerts({ clock, env: process.env }),
    autoscaling: noAutoscaling(),
    machines: reachMachines({ reach }),
    oneAtATime: oneAtATime(),
    fleet: () => fleet.spec,
    parseService: parseServiceFile,
    mask,
    rolloutUrl: (id) => `${pageUrl}/#/rollouts/${id}`,
    incarnation: randomUUID(),
  };
  const engine = await launchEngine(stack, { databaseUrl, world, log });
  await takeUp(world, engine);
  const sources = new SourceWatch(world, engine);
  stack.defer(() => sources.stop());
  const reaper = new Reaper(world, engine, log.info);
  stack.defer(() => reaper.stop());
  const joining = new JoinWatch(world, engine, log.warn);
  const onLooked = () => joining.consider(sights);
  const sights: FleetSights = new FleetSights(world, changes, { onLooked, say: log.warn });
  stack.defer(() => sights.stop());
  const app: Application = {
    world,
    engine,
    reach,
    changes,
    sights,
    pictures: resvgPictures(),
    version: await ownVersion(),
    startedAt: new Date().toISOString(),
    ownDisk: () => ownDisk(directory),
    pollNow: (name) => sources.pollNow(name),
  };
  await reserved[Symbol.asyncDispose]();
  const api = await startApi({
    useCases: makeUseCases(app),
    receiptFile: (id, format) => showReceiptFile(app, id, format),
    follow: (onChange) => changes.follow(onChange),
    token,
    host: options.host,
    port: reserved.port,
    pageDirectory: fileURLToPath(new URL("../dist/web", import.meta.url)),
    ready: async () => void (await world.builds.list(1)),
    log: log.error,
    version: app.version,
  });
  stack.defer(() => api.close());
  sources.start();
  sights.start();
  reaper.start();
  fleet.watch((error) => {
    if (error) return log.warn(`${error.message}\nThe configuration in force stays as it was.`);
    sources.start();
    changes.tell("overview");
    log.info(`${options.fleetFile} is in force: ${summary(fleet)}`);
  });
  greet({ options, directory, fleet, url: api.url, token: token.reveal(), log });
  const parts = stack.move();
  return { untilTold: () => untilTold(log), [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

async function launchEngine(
  stack: AsyncDisposableStack,
  { databaseUrl, world, log }: { databaseUrl: string; world: World; log: ServerLog },
) {
  const workflows = [deliver(world), ...rolloutWorkflows(world), giveBackDrains(world)];
  const engine = await DbosEngine.launch({ databaseUrl, workflows, log: (level, line) => log[level](line) });
  stack.defer(() => engine.stop());
  return engine;
}

/** Others may pass through, as the users of the database and of the build steps must; nobody else may look. */
async function makeStateDirectory(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o711);
  await privateDirectory(directory, "secrets");
  return directory;
}

async function privateDirectory(directory: string, name: string): Promise<string> {
  const path = join(directory, name);
  await mkdir(path, { recursive: true, mode: 0o700 });
  return path;
}

async function embeddedDatabase(
  stack: AsyncDisposableStack,
  directory: string,
  log: (line: string) => void,
): Promise<string> {
  const postgres = await startEmbeddedPostgres(join(directory, "postgres"), log);
  stack.defer(() => postgres.stop());
  return postgres.url;
}

async function ownDisk(directory: string) {
  const { bavail, blocks, bsize } = await statfs(directory);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize, directory };
}

async function ownVersion(): Promise<string> {
  const text = await readFile(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

type Greeting = {
  options: ServerOptions;
  directory: string;
  fleet: FleetInForce;
  url: string;
  token: string;
  log: ServerLog;
};

/** The address with the token is for the person at the terminal, never for a log file. */
function greet({ options, directory, fleet, url, token, log }: Greeting): void {
  log.info(`Slipway listens on ${url}${options.publicUrl ? `; links name ${options.publicUrl}` : ""}`);
  log.info(`data: ${directory}; database: ${options.databaseUrl ? "DATABASE_URL" : "embedded PostgreSQL"}`);
  log.info(`fleet: ${options.fleetFile}: ${summary(fleet)}`);
  log.info(`token for the command line and the page: ${tokenFile(directory)}`);
  if (process.stdout.isTTY) process.stdout.write(`page: ${url}/#token=${token}\n`);
}

function summary({ spec }: FleetInForce): string {
  const environments = Object.values(spec.environments);
  const hosts = environments.flatMap((environment) =>
    Object.values(environment.services).flatMap((group) => group.hosts),
  );
  return `${spec.sources.length} sources, ${environments.length} environments, ${hosts.length} hosts`;
}

/** Resolves at the first SIGTERM or SIGINT. Rollouts that run are resumed by the next start. */
const untilTold = (log: ServerLog): Promise<void> =>
  new Promise((resolve) => {
    const stop = (signal: string) => {
      log.info(`${signal}: stopping; what runs is resumed by the next start`);
      resolve();
    };
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
  });

function say(line: string): number {
  process.stdout.write(`${line}\n`);
  return 0;
}
