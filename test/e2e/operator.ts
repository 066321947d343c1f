import assert from "node:assert/strict";
import type {
  HostShape,
  Overview,
  RolloutDetail,
  RolloutShape,
  SteerAction,
  TimelineEventShape,
} from "#contract/shapes.ts";
import type { HelloWish } from "../../demo/hello.ts";
import type { LocalStage } from "../../demo/local-stage.ts";
import { commitHello } from "../../demo/repository.ts";
import type { ServerProcess } from "../../demo/server-process.ts";

const deadlineMs = 120_000;
/** Beside a put back that waits for its host, and for others, a minute each. */
const endDeadlineMs = 240_000;
const lookEveryMs = 50;

type Server = Pick<ServerProcess, "url">;
type Person = Pick<ServerProcess, "url" | "token">;
type Change = Partial<Omit<HelloWish, "version">>;

/** What a person who watches a server sees and does, by its API. */
export const commitVersion = (stage: LocalStage, version: number, change: Change = {}): Promise<string> =>
  commitHello(
    stage.repository,
    { registry: stage.registry, base: stage.base, port: stage.port, version, ...change },
    `Version ${version}`,
  );

/** The server, or its database, cannot be asked just now. */
class NotNow extends Error {}

export async function get<T>({ url }: Server, path: string): Promise<T> {
  const asked = fetch(url + path, { signal: AbortSignal.timeout(15_000) });
  const answer = await asked.catch((error) => Promise.reject(new NotNow(`GET ${path}: ${error}`, { cause: error })));
  if (answer.status >= 500) throw new NotNow(`GET ${path}: ${answer.status} ${await answer.text()}`);
  assert.equal(answer.status, 200, `GET ${path}: ${answer.status}`);
  return (await answer.json()) as T;
}

/** Undefined while the server or its database is away, as it may be where the world fails. */
export const patiently = async <T>(asking: Promise<T>): Promise<T | undefined> => {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof NotNow) return undefined;
    throw error;
  }
};

export async function until<T>(what: string, look: () => Promise<T | undefined>, limitMs = deadlineMs): Promise<T> {
  const giveUpAt = performance.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    assert.ok(performance.now() < giveUpAt, `${what}: not within ${limitMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

/** Newest first. */
export const rolloutsOf = async (server: Server) =>
  (await get<{ rollouts: RolloutShape[] }>(server, "/api/rollouts")).rollouts;

/** The rollout of that release that waits or runs. */
export const openRollout = (server: Server, release: number): Promise<RolloutShape> =>
  until(`a rollout of release ${release}`, async () =>
    (await rolloutsOf(server)).find((rollout) => rollout.release === release),
  );

export const rolloutEnded = (server: Server, id: string): Promise<RolloutDetail> =>
  until(
    `the end of rollout ${id}`,
    async () => {
      const detail = await patiently(get<RolloutDetail>(server, `/api/rollouts/${id}`));
      return detail && !["waiting", "running", "paused"].includes(detail.rollout.state) ? detail : undefined;
    },
    endDeadlineMs,
  );

export const timelineUntil = (server: Server, id: string, isIt: (event: TimelineEventShape) => boolean) =>
  until("that event", async () => (await get<RolloutDetail>(server, `/api/rollouts/${id}`)).timeline.find(isIt));

/** The release is live: its rollout succeeded. */
export async function liveRelease(server: Server, release: number): Promise<RolloutDetail> {
  const { id } = await openRollout(server, release);
  const ended = await rolloutEnded(server, id);
  assert.equal(ended.rollout.state, "succeeded", `${ended.rollout.error?.message} ${ended.rollout.error?.lastLines}`);
  return ended;
}

/** The hosts once the server has seen them all on that release. */
export const hostsOf = (server: Server, release: number): Promise<HostShape[]> =>
  until(`every host on release ${release}`, async () => {
    const { environments } = await get<Overview>(server, "/api/overview");
    const hosts = environments.flatMap(({ groups }) => groups.flatMap((group) => group.hosts));
    return hosts.every((host) => host.release === release && host.inService) ? hosts : undefined;
  });

/** The rollout of that release once it is paused, at a later pause than the given one. */
export const pausedRollout = (server: Server, release: number, after = 0): Promise<RolloutShape> =>
  until(`a pause of the rollout of release ${release}`, async () =>
    (await rolloutsOf(server)).find((rollout) => rollout.release === release && (rollout.pause?.number ?? 0) > after),
  );

/** What a person chooses for a paused rollout. */
export const steer = (server: Person, id: string, action: SteerAction): Promise<RolloutShape> =>
  post(server, `/api/rollouts/${id}/steer`, { action, by: "the test" });

/** A person wants every host that drifted on the live release again, or those. */
export const correct = (
  server: Person,
  wish: { service: string; environment: string; hosts?: string[] },
): Promise<RolloutShape> => post(server, "/api/corrections", wish);

async function post<T>(server: Person, path: string, body: unknown): Promise<T> {
  const answer = await fetch(server.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${server.token}` },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(15_000),
  });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return JSON.parse(text) as T;
}
