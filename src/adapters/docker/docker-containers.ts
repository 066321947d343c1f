import { SlipwayError } from "#core/errors.ts";
import { type Image, imageReference } from "#core/release.ts";
import type { ContainerSight, Containers, ContainerWish, Room } from "#ports/containers.ts";
import type { Reach } from "#ports/reach.ts";
import * as commands from "./commands.ts";
import { containerName } from "./container-labels.ts";
import { describe } from "./describe.ts";
import { EngineWays, type HostEngine } from "./engine-ways.ts";
import { lastLinesOf } from "./log-frames.ts";
import { followPull } from "./pull-progress.ts";
import * as replies from "./replies.ts";
import { createFailure, pullFailure, startFailure } from "./start-failures.ts";

const noSuch = "there is no such container on the host";

/** The containers of hosts that run Docker Engine, over its socket: a local one, or one that Reach forwards. */
export function dockerContainers({ reach }: { readonly reach: Reach }): Containers & AsyncDisposable {
  const ways = new EngineWays(reach);
  return {
    look: (at, what, signal) => ways.use(at, signal, (engine) => look(engine, what)),
    pull: (at, image, login, signal, onProgress) =>
      ways.use(at, signal, async (engine) => {
        if (await holdsImage(engine, image)) return;
        const answer = await engine.stream(commands.pullImage(image, login));
        await followPull(answer, { at, image, ...(onProgress ? { onProgress } : {}) });
        if (!(await holdsImage(engine, image))) throw pullFailure(at, image, "the engine does not hold it afterwards");
      }),
    stop: (at, name, stop, signal) => ways.change(at, signal, (engine) => stopContainer(engine, name, stop.timeoutMs)),
    start: (at, wish, signal, room) => ways.change(at, signal, (engine) => start(engine, wish, room)),
    startAgain: (at, name, signal) => ways.change(at, signal, (engine) => startAgain(engine, name)),
    lastLines: (at, name, limitBytes, signal) =>
      ways.use(at, signal, async (engine) => {
        await ownContainer(engine, name);
        return lastLinesOf(await engine.stream(commands.readLog(name)), limitBytes);
      }),
    inspect: (at, name, withheld, signal) =>
      ways.use(at, signal, async (engine) => {
        if (!(await ownContainer(engine, name))) throw startFailure(at, name, noSuch);
        return describe(await engine.ask(commands.inspectContainer(name)), withheld);
      }),
    prune: (at, what, signal) => ways.change(at, signal, (engine) => prune(engine, what)),
    [Symbol.asyncDispose]: async () => ways.close(),
  };
}

async function look(engine: HostEngine, what: Parameters<Containers["look"]>[1]) {
  const [list, digests] = await Promise.all([engine.ask(commands.listContainers), digestsOf(engine, what.repository)]);
  const all = replies.containers(list);
  const place = { service: what.service, environment: what.environment, host: engine.at.host.name };
  const own = all.filter((entry) => replies.isOf(entry, place));
  const inspected = await Promise.all(own.map(({ id }) => inspect(engine, id)));
  const want = { place, ports: what.ports, address: commands.publishAddress(engine.at) };
  const portTaken = replies.portHolder(all, want);
  return {
    ...(replies.engineOf(list) ?? (await askedAbout(engine))),
    containers: inspected.flatMap((found) => (found?.sight ? [atUsualPort(found.sight, what.ports)] : [])),
    digests,
    ...(portTaken ? { portTaken } : {}),
  };
}

const atUsualPort = (sight: ContainerSight, [usual = 0]: readonly number[]): ContainerSight =>
  sight.hostPort === 0 ? { ...sight, hostPort: usual } : sight;

/** Each of the two makes Docker start programs to learn their versions: asked only where no header has said it. */
async function askedAbout(engine: HostEngine) {
  const [{ version, apiVersion }, systemTime] = await Promise.all([
    engine.ask(commands.version).then(replies.version),
    engine.ask(commands.systemTime).then(replies.systemTime),
  ]);
  return { version, apiVersion, systemTime };
}

async function start(engine: HostEngine, wish: ContainerWish, room?: Room) {
  const name = containerName(wish.identity);
  let found = await ownContainer(engine, name, wish.identity);
  if (!found) {
    const made = await engine.ask(commands.createContainer(engine.at, name, wish), [201, 400, 404, 409, 500]);
    // 409: an interrupted try made it after all; what stands there is looked at before it is started.
    if (made.status !== 201 && made.status !== 409) throw createFailure(engine.at, wish, made.text);
    found = await ownContainer(engine, name, wish.identity);
  }
  for (const other of room?.stop ?? []) await stopContainer(engine, other, room?.how.timeoutMs ?? 0);
  await room?.whenStopped();
  // Made by an earlier try, it may have been among those.
  if (room?.stop.includes(name)) found = await ownContainer(engine, name, wish.identity);
  if (!found) throw startFailure(engine.at, name, "it was gone as soon as it was made");
  if (!found.isRunning) await startStopped(engine, name, found.restartPolicy);
  const sight = (await inspect(engine, name))?.sight;
  if (!sight) throw startFailure(engine.at, name, "it was gone as soon as it was started");
  return sight;
}

async function startAgain(engine: HostEngine, name: string): Promise<void> {
  const found = await ownContainer(engine, name);
  if (!found) throw startFailure(engine.at, name, noSuch);
  if (!found.isRunning) await startStopped(engine, name, found.restartPolicy);
}

async function startStopped(engine: HostEngine, name: string, policy: string): Promise<void> {
  if (policy !== commands.restartPolicy) await engine.ask(commands.setRestartPolicy(name, commands.restartPolicy));
  const started = await engine.ask(commands.startContainer(name), [204, 304, 400, 404, 409, 500]);
  if (started.status !== 204 && started.status !== 304) throw startFailure(engine.at, name, started.text);
}

async function stopContainer(engine: HostEngine, name: string, timeoutMs: number): Promise<void> {
  const found = await ownContainer(engine, name);
  if (!found) return;
  const stopped = await engine.ask(commands.stopContainer(name, timeoutMs), [204, 304, 404]);
  // 304: it did not run, so the engine does not count it as stopped by us and may start it with the host.
  if (stopped.status === 304) await engine.ask(commands.setRestartPolicy(name, "no"), [200, 404]);
  const after = await inspect(engine, name);
  if (!after?.isRunning) return;
  throw new SlipwayError("deadline.exceeded", `${name} on ${engine.at.host.name} still runs after it was stopped.`, {
    host: engine.at.host.name,
    command: `docker stop ${name}`,
  });
}

async function prune(engine: HostEngine, what: Parameters<Containers["prune"]>[1]): Promise<void> {
  for (const name of what.names) {
    const found = await inspect(engine, name);
    // Without force: the engine itself refuses (409) to remove one that runs.
    if (found?.isOn(engine.at.host.name)) await engine.ask(commands.removeContainer(name), "any");
  }
  const all = await engine.ask(commands.listContainers).then(replies.containers);
  const used = new Set(all.map(({ imageId }) => imageId));
  for (const image of await engine.ask(commands.listImages(what.repository)).then(replies.images)) {
    const { references, digests } = replies.referencesOf(image, what.repository);
    if (used.has(image.id) || digests.some((digest) => what.keepDigests.includes(digest))) continue;
    for (const reference of references) await engine.ask(commands.removeImage(reference), "any");
  }
}

/** The container of that name, if there is one; refuses one that Slipway did not start for this host (and identity). */
async function ownContainer(engine: HostEngine, name: string, identity?: ContainerWish["identity"]) {
  const found = await inspect(engine, name);
  if (!found || (found.isOn(engine.at.host.name) && (!identity || found.isOf(identity)))) return found;
  throw startFailure(engine.at, name, "a container of that name is there which Slipway did not make for this host");
}

async function inspect(engine: HostEngine, nameOrId: string) {
  const reply = await engine.ask(commands.inspectContainer(nameOrId), [200, 404]);
  return reply.status === 404 ? undefined : replies.inspected(reply);
}

const holdsImage = async (engine: HostEngine, image: Image): Promise<boolean> =>
  (await engine.ask(commands.inspectImage(imageReference(image)), [200, 404])).status === 200;

async function digestsOf(engine: HostEngine, repository: string): Promise<readonly string[]> {
  const images = await engine.ask(commands.listImages(repository)).then(replies.images);
  return [...new Set(images.flatMap((image) => replies.referencesOf(image, repository).digests))];
}
