import { z } from "zod";
import { SlipwayError } from "#core/errors.ts";
import { firstWords } from "#core/whole-words.ts";
import type { ContainerIdentity, ContainerSight, EngineSight } from "#ports/containers.ts";
import { identityOf } from "./container-labels.ts";
import { familiarName } from "./image-reference.ts";

/** What the engine answered: its status, its words, and the headers that came with them. */
export type EngineReply = {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
};

/** The engine says null for an empty list. */
export const list = <T extends z.ZodType>(item: T) => z.preprocess((found) => found ?? [], z.array(item));
const labels = z.preprocess((found) => found ?? {}, z.record(z.string(), z.string()));

const versionShape = z.object({
  Version: z.string(),
  ApiVersion: z.string(),
  MinAPIVersion: z.string().default("1.24"),
});
const infoShape = z.object({ SystemTime: z.string() });
const portShape = z.object({ IP: z.string().optional(), PublicPort: z.number().optional(), Type: z.string() });
const entryShape = z.object({
  Id: z.string(),
  Names: list(z.string()),
  ImageID: z.string(),
  State: z.string(),
  Labels: labels,
  Ports: list(portShape),
});
const inspectShape = z.object({
  Id: z.string(),
  Name: z.string(),
  RestartCount: z.number().default(0),
  State: z.object({ Running: z.boolean(), Restarting: z.boolean().default(false), ExitCode: z.number() }),
  Config: z.object({ Labels: labels }),
  HostConfig: z.object({ RestartPolicy: z.object({ Name: z.string() }) }),
});
const imageShape = z.object({ Id: z.string(), RepoTags: list(z.string()), RepoDigests: list(z.string()) });
const messageShape = z.object({ message: z.string() });

export const version = (reply: EngineReply) => {
  const { Version, ApiVersion, MinAPIVersion } = read(versionShape, reply);
  return { version: Version, apiVersion: ApiVersion, minApiVersion: MinAPIVersion };
};

export const systemTime = (reply: EngineReply): string => new Date(read(infoShape, reply).SystemTime).toISOString();

/**
 * What every answer says of its engine by the way: `Server: Docker/20.10.24 (linux)`. Undefined where something in
 * between has left it out.
 */
export function engineOf({ headers = {} }: EngineReply) {
  const version = /^[A-Za-z]+\/(\S+)/.exec(String(headers.server ?? ""))?.[1];
  const apiVersion = headers["api-version"];
  const dateMs = Date.parse(String(headers.date ?? ""));
  if (version === undefined || typeof apiVersion !== "string" || Number.isNaN(dateMs)) return undefined;
  return { version, apiVersion, systemTime: new Date(dateMs).toISOString() };
}

export type Entry = {
  readonly id: string;
  readonly name: string;
  readonly imageId: string;
  readonly isRunning: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly published: readonly { readonly address: string; readonly port: number }[];
};

export const containers = (reply: EngineReply): readonly Entry[] =>
  read(z.array(entryShape), reply).map((entry) => ({
    id: entry.Id,
    name: (entry.Names[0] ?? entry.Id).replace(/^\//, ""),
    imageId: entry.ImageID,
    isRunning: ["running", "restarting", "paused"].includes(entry.State),
    labels: entry.Labels,
    published: entry.Ports.flatMap(({ IP, PublicPort, Type }) =>
      PublicPort === undefined || Type !== "tcp" ? [] : [{ address: IP ?? "0.0.0.0", port: PublicPort }],
    ),
  }));

type Place = Pick<ContainerIdentity, "service" | "environment" | "host">;

/** Whether Slipway started it for this service, environment and host. */
export function isOf(entry: Pick<Entry, "labels">, { service, environment, host }: Place): boolean {
  const identity = identityOf(entry.labels);
  return identity?.service === service && identity.environment === environment && identity.host === host;
}

const everywhere = new Set(["0.0.0.0", "::", ""]);

/** The running container that publishes the port where ours would be, and is not ours. */
export function portHolder(
  all: readonly Entry[],
  want: { readonly place: Place; readonly ports: readonly number[]; readonly address: string },
): EngineSight["portTaken"] {
  const collides = (address: string) =>
    everywhere.has(want.address) || everywhere.has(address) || address === want.address;
  for (const entry of all) {
    if (!entry.isRunning || isOf(entry, want.place)) continue;
    const taken = entry.published.find(({ address, port }) => want.ports.includes(port) && collides(address));
    if (taken) return { port: taken.port, by: `container ${entry.name}` };
  }
  return undefined;
}

export type Inspected = {
  readonly isRunning: boolean;
  readonly restartPolicy: string;
  /** Absent where the labels are not ours. */
  readonly sight?: ContainerSight;
  isOn(host: string): boolean;
  isOf(identity: ContainerIdentity): boolean;
};

export function inspected(reply: EngineReply): Inspected {
  const { Id, Name, Config, HostConfig, State, RestartCount } = read(inspectShape, reply);
  const identity = identityOf(Config.Labels);
  const state = State.Restarting ? "restarting" : State.Running ? "running" : "stopped";
  const exit = state === "running" ? {} : { exitCode: State.ExitCode };
  const name = Name.replace(/^\//, "");
  return {
    isRunning: state !== "stopped",
    restartPolicy: HostConfig.RestartPolicy.Name,
    ...(identity ? { sight: { ...identity, id: Id, name, state, restarts: RestartCount, ...exit } } : {}),
    isOn: (host) => identity?.host === host,
    isOf: (wanted) =>
      identity !== undefined && isOf({ labels: Config.Labels }, wanted) && identity.rollout === wanted.rollout,
  };
}

export type EngineImage = {
  readonly id: string;
  readonly tags: readonly string[];
  readonly digestReferences: readonly string[];
};

export const images = (reply: EngineReply): readonly EngineImage[] =>
  read(z.array(imageShape), reply).map(({ Id, RepoTags, RepoDigests }) => ({
    id: Id,
    tags: RepoTags.filter((tag) => !tag.includes("<none>")),
    digestReferences: RepoDigests.filter((reference) => !reference.includes("<none>")),
  }));

/** How one repository refers to an image: its digests there, and every reference that has to go for it to be gone. */
export function referencesOf(image: EngineImage, repository: string) {
  const name = familiarName(repository);
  const byDigest = image.digestReferences.filter((reference) => reference.startsWith(`${name}@`));
  const byTag = image.tags.filter((tag) => tag.startsWith(`${name}:`));
  return {
    digests: byDigest.map((reference) => reference.slice(name.length + 1)),
    references: [...byTag, ...byDigest],
  };
}

/** The engine's own words: its JSON message where there is one, at most a few lines. */
export function wordsOf(text: string): string {
  const parsed = messageShape.safeParse(parse(text));
  return firstWords((parsed.success ? parsed.data.message : text).trim(), 1_000);
}

export function read<T extends z.ZodType>(shape: T, reply: EngineReply): z.output<T> {
  const parsed = shape.safeParse(parse(reply.text));
  if (parsed.success) return parsed.data;
  throw new SlipwayError(
    "engine.unreachable",
    `What answers on the engine's socket does not speak like a container engine: ${z.prettifyError(parsed.error)}`,
    { lastLines: reply.text.slice(0, 500) },
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: whoever reads it says so with the shape that was wanted.
    return undefined;
  }
}
