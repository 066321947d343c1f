import type { GivenOf } from "#contract/calls.ts";
import { SlipwayError } from "#core/errors.ts";
import type { BalancerSpec, HostSpec, NetworkSpec, ServiceGroup } from "#core/fleet.ts";
import { loginFor } from "#workflows/prepare-hosts.ts";
import type { Application } from "./application.ts";

type Check = GivenOf<"doctor">["checks"][number];
type Finding = { readonly message: string; readonly advice?: string; readonly isWarning?: boolean };

const checkTimeoutMs = 20_000;
const skewAllowedMs = 5_000;
const diskWarnPercent = 90;
const bytesPerGib = 1024 ** 3;

/** Checks everything a rollout stands on, side by side; touches nothing. */
export async function examine(app: Application): Promise<GivenOf<"doctor">> {
  const { networks, environments, sources, registries } = app.world.fleet();
  const checks: Promise<Check>[] = [
    check(app, "this server: disk", () => ownDisk(app)),
    check(app, "this server: engine that builds images", (signal) => ownEngine(app, signal)),
  ];
  for (const source of sources)
    checks.push(
      check(app, `${source.name}: git`, async (signal) => headsOf(await app.world.source.heads(source, signal))),
    );
  for (const host of Object.keys(registries))
    checks.push(check(app, `${host}: registry login`, (signal) => registryLogin(app, host, signal)));
  for (const environment of Object.values(environments)) {
    const network = networks[environment.network];
    if (!network) continue;
    for (const [service, group] of Object.entries(environment.services))
      checks.push(...examineGroup(app, { service, group, network, environment: environment.name }));
  }
  const done = await Promise.all(checks);
  return { checks: done, ok: done.every(({ verdict }) => verdict !== "failed") };
}

type GroupAt = { service: string; environment: string; group: ServiceGroup; network: NetworkSpec };

function examineGroup(app: Application, at: GroupAt): Promise<Check>[] {
  const { group, network, environment } = at;
  const hosts = group.hosts.flatMap((host) => [
    check(app, `${environment} ${host.name}: engine`, (signal) => hostEngine(app, at, host, signal)),
    ...(network.ssh
      ? [
          check(app, `${environment} ${host.name}: disk`, (signal) => hostDisk(app, network, host, signal)),
          check(app, `${environment} ${host.name}: fence`, (signal) => hostFence(app, network, host, signal)),
        ]
      : []),
  ]);
  const balancers = group.balancers.map((balancer) =>
    check(app, `${environment} ${balancer.name}: balancer`, (signal) => balancerKnows(app, at, balancer, signal)),
  );
  return [...hosts, ...balancers];
}

async function check(
  app: Application,
  subject: string,
  look: (signal: AbortSignal) => Promise<Finding>,
): Promise<Check> {
  const startedAt = performance.now();
  const ms = () => Math.round(performance.now() - startedAt);
  try {
    const { message, advice, isWarning } = await look(AbortSignal.timeout(checkTimeoutMs));
    return { subject, verdict: isWarning ? "warning" : "ok", message, ms: ms(), ...(advice ? { advice } : {}) };
  } catch (thrown) {
    const isOver = thrown instanceof DOMException && thrown.name === "TimeoutError";
    const error = isOver
      ? new SlipwayError("deadline.exceeded", `No answer within ${checkTimeoutMs / 1000} s.`)
      : SlipwayError.from(thrown);
    const lines = error.details.lastLines ? ` (${error.details.lastLines.trim()})` : "";
    return {
      subject,
      verdict: "failed",
      message: app.world.mask(error.message + lines),
      advice: error.advice,
      ms: ms(),
    };
  }
}

const headsOf = (heads: ReadonlyMap<string, string>): Finding => ({ message: `answers with ${heads.size} branches` });

async function ownDisk({ ownDisk }: Application): Promise<Finding> {
  const { freeBytes, totalBytes, directory } = await ownDisk();
  return diskFinding(freeBytes, totalBytes, directory);
}

function diskFinding(freeBytes: number, totalBytes: number, directory: string): Finding {
  const usedPercent = Math.round(100 - (freeBytes / Math.max(1, totalBytes)) * 100);
  const message = `${(freeBytes / bytesPerGib).toFixed(1)} GiB free in ${directory} (${usedPercent} % used)`;
  if (usedPercent < diskWarnPercent) return { message };
  return { message, isWarning: true, advice: `Free space in ${directory}: a full disk fails the next pull.` };
}

async function ownEngine({ world }: Application, signal: AbortSignal): Promise<Finding> {
  const { version, apiVersion } = await world.images.engine(signal);
  return { message: `Docker ${version}, API ${apiVersion}` };
}

async function registryLogin({ world }: Application, host: string, signal: AbortSignal): Promise<Finding> {
  const spec = world.fleet().registries[host] ?? { insecure: false };
  const login = await loginFor(world, { repository: `${host}/x` });
  await world.images.ping(host, { spec, ...(login ? { login } : {}) }, signal);
  return { message: login ? `takes the credentials of ${login.username}` : "answers without credentials" };
}

async function hostEngine({ world }: Application, at: GroupAt, host: HostSpec, signal: AbortSignal): Promise<Finding> {
  const what = {
    service: at.service,
    environment: at.environment,
    repository: at.service,
    ports: [],
    network: "bridge" as const,
  };
  const { version, apiVersion, systemTime } = await world.containers.look({ network: at.network, host }, what, signal);
  const skewMs = Math.abs(Date.parse(systemTime) - world.clock.now());
  const way = at.network.bastion ? "by SSH through the bastion" : at.network.ssh ? "by SSH" : "by its local socket";
  const message = `Docker ${version}, API ${apiVersion}, ${way}`;
  if (!(skewMs > skewAllowedMs)) return { message };
  return {
    message: `${message}; its clock is ${Math.round(skewMs / 1000)} s off`,
    isWarning: true,
    advice: "Run a time service (chrony, systemd-timesyncd) on the host.",
  };
}

async function hostDisk(
  { world }: Application,
  network: NetworkSpec,
  host: HostSpec,
  signal: AbortSignal,
): Promise<Finding> {
  const { disk } = await world.machines.look({ network, host }, signal);
  if (!disk) return { message: "its disk could not be read", isWarning: true };
  return diskFinding(disk.freeBytes, disk.totalBytes, "its engine's directory");
}

/** What the fence needs on a host: it stands between a late command and the engine. */
async function hostFence(
  { reach }: Application,
  network: NetworkSpec,
  host: HostSpec,
  signal: AbortSignal,
): Promise<Finding> {
  const look = "command -v flock && (command -v docker || command -v socat)";
  const { exitCode } = await reach.run(network, host, ["sh", "-c", look], signal);
  if (exitCode === 0) return { message: "can refuse late commands" };
  throw new SlipwayError("engine.unreachable", "It has no flock, or neither Docker's command line nor socat.", {
    advice: "Install util-linux and Docker's command line on the host.",
  });
}

async function balancerKnows(
  { world }: Application,
  at: GroupAt,
  balancer: BalancerSpec,
  signal: AbortSignal,
): Promise<Finding> {
  const servers = await world.balancer.look({ network: at.network, balancer }, signal);
  const known = new Set(servers.map(({ server }) => server));
  const missing = at.group.hosts.filter(({ server }) => !known.has(server)).map(({ server }) => server);
  if (missing.length > 0)
    throw new SlipwayError(
      "balancer.unknown-server",
      `It has no server ${missing.join(", ")}; it has ${[...known].join(", ") || "none"}.`,
    );
  const unchecked = servers.filter(({ checkOk }) => checkOk === undefined).map(({ server }) => server);
  const inService = servers.filter(({ state }) => state === "in-service").length;
  const message = `knows every host; ${inService} of ${servers.length} in service`;
  if (unchecked.length === 0 || inService === 0) return { message };
  return {
    message: `${message}; no health check for ${unchecked.join(", ")}`,
    isWarning: true,
    advice: "Add `check` to those servers: the balancer itself must see that a host is good.",
  };
}
