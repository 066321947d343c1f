import { type BundlePart, type ContainerFacts, differencesOf } from "#core/bundle.ts";
import { SlipwayError } from "#core/errors.ts";
import type { HostSpec } from "#core/fleet.ts";
import type { HostEnd } from "#core/rollout.ts";
import type { ContainerSight } from "#ports/containers.ts";
import { balancersOf, type Course, engineHost, hostNamed, peersAsked, placeAt, sightWish } from "#workflows/course.ts";
import type { World } from "#workflows/world.ts";

const kib = 1024;
const logLimitBytes = 128 * kib;
const logLines = 500;
const smallLimitBytes = 8 * kib;
const inspectLimitBytes = 64 * kib;

/** All that can be learnt of a failed host, masked. A part that cannot be learnt says so; none keeps the others away. */
export function bundleParts(world: World, course: Course, end: HostEnd, signal: AbortSignal): Promise<BundlePart[]> {
  const failed = { world, course, signal, host: placeAt(course, hostNamed(course, end.host), end.port) };
  const ran = containerOf(failed);
  const learn = async (title: string, limitBytes: number, learning: Promise<string>) => ({
    title,
    limitBytes,
    text: world.mask(await learning.catch(inWords)),
  });
  return Promise.all([
    learn("Failure", smallLimitBytes, Promise.resolve(failureOf(course, end))),
    learn(
      "The program's last lines",
      logLimitBytes,
      ran.then((own) => logOf(failed, own)),
    ),
    learn("Health check", smallLimitBytes, answerOf(failed, end.port)),
    learn("Balancers", smallLimitBytes, balancerWords(failed)),
    learn(
      "Difference to a healthy host",
      smallLimitBytes,
      ran.then((own) => differenceOf(failed, own)),
    ),
    learn(
      "Container",
      inspectLimitBytes,
      ran.then(async (own) => (await inspect(failed, own)).text),
    ),
  ]);
}

type Looking = { world: World; course: Course; host: HostSpec; signal: AbortSignal };
type Ran = { readonly sight: ContainerSight; readonly engine: string };

const inWords = (thrown: unknown): string => `(not known: ${SlipwayError.from(thrown).message})`;

function failureOf({ release, rolloutNumber }: Course, { host, error }: HostEnd): string {
  const what = `rollout ${rolloutNumber}, ${release.service} r${release.number} (${release.commit.sha}) on ${host}`;
  return [what, error ? `${error.code}: ${error.message}` : "", error?.advice ?? ""].filter(Boolean).join("\n");
}

/** The container that this rollout made on the host. */
async function containerOf({ world, course, host, signal }: Looking): Promise<Ran> {
  const { containers, version } = await world.containers.look(engineHost(course, host), sightWish(course), signal);
  const sight = containers.find(({ rollout }) => rollout === course.rolloutNumber);
  if (sight) return { sight, engine: version };
  throw new SlipwayError("container.exited", `this rollout has no container on ${host.name}`);
}

async function logOf({ world, course, host, signal }: Looking, { sight }: Ran): Promise<string> {
  const text = await world.containers.lastLines(engineHost(course, host), sight.name, logLimitBytes, signal);
  const lines = text.trimEnd().split("\n");
  // The first line of a log that was cut may be the end of a secret, which no mask would know.
  const whole = new TextEncoder().encode(text).length > logLimitBytes - kib ? lines.slice(1) : lines;
  return whole.slice(-logLines).join("\n") || "(it printed nothing)";
}

async function answerOf({ world, course, host, signal }: Looking, port: number): Promise<string> {
  const { health } = course.release.run;
  if (!health) return "(the service has no health check)";
  const asked = { port, path: health.path, timeoutMs: health.timeoutMs };
  const { status, body, ms } = await world.checks.get(engineHost(course, host), asked, signal);
  const said = status === 0 ? "no answer" : `${status} after ${Math.round(ms)} ms`;
  return `GET ${health.path} at port ${port}: ${said}\n\n${body}`;
}

async function balancerWords({ world, course, host, signal }: Looking): Promise<string> {
  const said = balancersOf(course).map(async (at) => {
    const servers = await world.balancer.look(at, signal).catch(inWords);
    if (typeof servers === "string") return `${at.balancer.name}: ${servers}`;
    const server = servers.find((candidate) => candidate.server === host.server);
    if (!server) return `${at.balancer.name} has no server ${host.server}`;
    const check = server.checkOk === undefined ? "" : `, its check ${server.checkOk ? "is good" : "fails"}`;
    const reason = server.reason ? ` (${server.reason})` : "";
    return `${at.balancer.name} has ${host.server} ${server.state}${check}${reason}, ${server.inFlight} in flight`;
  });
  return (await Promise.all(said)).join("\n") || "(the service has no balancer)";
}

async function differenceOf(failed: Looking, own: Ran): Promise<string> {
  const peer = await healthyPeer(failed);
  if (!peer) return "(no host that answers well runs this release or the one before)";
  const lines = differencesOf(await factsOf(failed, own), await factsOf(peer.at, peer.ran));
  return lines.join("\n") || `none that is known, to ${peer.at.host.name}`;
}

type Peer = { readonly at: Looking; readonly ran: Ran };

async function healthyPeer(failed: Looking): Promise<Peer | undefined> {
  const others = failed.course.group.hosts.filter(({ name }) => name !== failed.host.name).slice(0, peersAsked);
  const asked = others.map((host) => asPeer({ ...failed, host }).catch(() => undefined));
  return (await Promise.all(asked)).find((peer) => peer !== undefined);
}

/** With blue-green a host runs both releases, and the one that is new there may fail as this one did. */
async function asPeer(at: Looking): Promise<Peer | undefined> {
  const { world, course, host, signal } = at;
  const { containers, version } = await world.containers.look(engineHost(course, host), sightWish(course), signal);
  const isTold = (release: number) =>
    release === course.release.number || release === (course.previousRelease ?? release);
  const running = containers.filter(({ state, release }) => state === "running" && isTold(release));
  const verdicts = await Promise.all(running.map((sight) => answersWell(at, sight)));
  const sight = running.find((_, index) => verdicts[index]);
  return sight && { at, ran: { sight, engine: version } };
}

async function answersWell({ world, course, host, signal }: Looking, { hostPort }: ContainerSight): Promise<boolean> {
  const { health } = course.release.run;
  if (!health) return true;
  const asked = { port: hostPort, path: health.path, timeoutMs: health.timeoutMs };
  const { status } = await world.checks.get(engineHost(course, host), asked, signal);
  return status >= 200 && status < 300;
}

async function factsOf(at: Looking, ran: Ran): Promise<ContainerFacts> {
  const { environment, mounts, ports } = await inspect(at, ran);
  const { release, digest } = ran.sight;
  return { host: at.host.name, release, digest, engine: ran.engine, environment, mounts, ports };
}

const inspect = ({ world, course, host, signal }: Looking, { sight }: Ran) =>
  world.containers.inspect(engineHost(course, host), sight.name, course.release.run.secrets, signal);
