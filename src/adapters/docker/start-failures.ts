import { type ErrorCode, SlipwayError } from "#core/errors.ts";
import { makeMask } from "#core/mask.ts";
import { type Image, imageReference } from "#core/release.ts";
import type { ContainerWish, EngineHost } from "#ports/containers.ts";
import { containerName } from "./container-labels.ts";
import { meaningOf } from "./engine-words.ts";
import { wordsOf } from "./replies.ts";

const fromStart: ReadonlySet<ErrorCode> = new Set(["container.port-taken", "image.missing", "disk.full"]);

/** Why the container could not be made. The engine may repeat what it was given, so secrets are masked. */
export function createFailure(at: EngineHost, wish: ContainerWish, text: string): SlipwayError {
  const words = makeMask(Object.values(wish.secrets))(wordsOf(text));
  const missing = /bind source path does not exist: (\S+)/.exec(words)?.[1];
  if (missing === undefined) return startFailure(at, containerName(wish.identity), words);
  return new SlipwayError(
    "container.start-failed",
    `Could not start ${containerName(wish.identity)} on ${at.host.name}: ${missing}, which a volume names, is not on that host.`,
    {
      host: at.host.name,
      advice: `Make ${missing} on ${at.host.name}, or take it out of \`volumes\` in slipway.yaml.`,
    },
  );
}

/** Why the container could not be started, in the engine's words. */
export function startFailure(at: EngineHost, name: string, text: string): SlipwayError {
  const words = wordsOf(text);
  const meaning = meaningOf(words);
  const code = meaning !== undefined && fromStart.has(meaning) ? meaning : "container.start-failed";
  return new SlipwayError(code, `Could not start ${name} on ${at.host.name}: ${words}.`, {
    host: at.host.name,
    command: `docker start ${name}`,
  });
}

const fromPull: ReadonlySet<ErrorCode> = new Set(["registry.refused", "image.missing", "disk.full"]);

/** Why the image is not on the host. What is not known otherwise is the way to the registry. */
export function pullFailure(at: EngineHost, image: Image, text: string): SlipwayError {
  const words = wordsOf(text);
  const meaning = meaningOf(words);
  const code = meaning !== undefined && fromPull.has(meaning) ? meaning : "registry.unreachable";
  return new SlipwayError(code, `Could not pull ${imageReference(image)} on ${at.host.name}: ${words}.`, {
    host: at.host.name,
    command: `docker pull ${imageReference(image)}`,
  });
}
