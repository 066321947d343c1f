import { SlipwayError } from "#core/errors.ts";
import type { Images, ImageWish } from "#ports/images.ts";
import { buildWithClassic } from "./build-classic.ts";
import { buildWithBuildx, hasBuildx } from "./build-with-buildx.ts";
import * as commands from "./commands.ts";
import { contextOf } from "./context.ts";
import { EngineClient, WayGone } from "./engine-client.ts";
import { imageMarks } from "./image-marks.ts";
import { pushTag } from "./push.ts";
import { RegistryClient } from "./registry-client.ts";
import * as replies from "./replies.ts";

export type Building = {
  readonly engine: EngineClient;
  readonly socketPath: string;
  readonly wish: ImageWish;
  readonly marks: ReturnType<typeof imageMarks>;
  readonly onOutput: (text: string) => void;
  readonly signal: AbortSignal;
};

/** Builds with the engine behind a socket of this machine; asks registries over HTTP. */
export function dockerImages({ socketPath }: { readonly socketPath: string }): Images {
  const engine = new EngineClient(socketPath);
  return {
    find: ({ repository, sha, registry }, signal) => new RegistryClient(repository, registry).find(sha, signal),
    layers: ({ repository, digest }, registry, signal) =>
      new RegistryClient(repository, registry).layers(digest, signal),
    ping: (host, registry, signal) => new RegistryClient(`${host}/ping`, registry).ping(signal),
    buildAndPush: (wish, onOutput, signal) =>
      withEngine(socketPath, signal, () => {
        const marks = imageMarks(wish, new Date().toISOString());
        return buildAndPush({ engine, socketPath, wish, marks, onOutput, signal });
      }),
    engine: (signal) =>
      withEngine(socketPath, signal, async () => {
        const { version, apiVersion } = replies.version(await engine.ask(commands.version, signal));
        return { version, apiVersion };
      }),
  };
}

async function buildAndPush(building: Building) {
  const { wish, marks, onOutput, signal } = building;
  const context = await contextOf(wish);
  if (await hasBuildx(signal)) {
    onOutput("== the image is built with BuildKit (docker buildx)\n");
    await buildWithBuildx(building, context);
  } else {
    onOutput("== the image is built with the engine's classic builder: there is no `docker buildx` on this machine\n");
    await buildWithClassic(building, context);
  }
  // The short SHA is what a later build looks for; the branch's tag follows only when that one is there.
  const digest = await pushTag(building, marks.commitTag);
  await pushTag(building, marks.branchTag);
  const kept = await new RegistryClient(wish.repository, wish.registry).digestOf(marks.commitTag, signal);
  if (kept === digest) return { repository: wish.repository, digest };
  throw new SlipwayError(
    "registry.unreachable",
    `Pushed ${wish.repository}:${marks.commitTag} as ${digest}, but the registry shows ${kept ?? "nothing"} under that tag.`,
    { advice: "Look whether somebody else pushes to that repository, and build again." },
  );
}

async function withEngine<T>(socketPath: string, signal: AbortSignal, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof WayGone)) throw error;
    throw new SlipwayError(
      "engine.unreachable",
      `The container engine that builds did not answer at ${socketPath}: ${error.message}.`,
      { cause: error, advice: "Check that Docker runs on this machine and that the server may use its socket." },
    );
  }
}
