import { createReadStream } from "node:fs";
import { join } from "node:path";
import { callEngine, EngineRefusal } from "../scripts/setup/engine-api.ts";
import { baseImageTar } from "./base-image-tar.ts";

const pullDeadlineMs = 90_000;
const importDeadlineMs = 120_000;

const cacheInCheckout = join(import.meta.dirname, "../.slipway/cache");

/** The image that the sample service stands on, where it can be had. */
export const usualBaseImage = "node:24-slim";

/** The image that is made otherwise. A name of its own: on a person's engine `node:24-slim` must stay what it is. */
export const madeBaseImage = `slipway/base-node:${process.version}`;

/**
 * Resolves with the name of an image on this engine that can run Node: `wanted`, where it is there or can be pulled,
 * else one made from this machine's own Node. What was made is kept as a tar in `cacheDirectory` for the next engine.
 */
export const ensureBaseImage = async (
  socketPath: string,
  wanted: string = usualBaseImage,
  cacheDirectory: string = cacheInCheckout,
): Promise<string> => {
  if (await isPresent(socketPath, wanted)) return wanted;
  if (await isPresent(socketPath, madeBaseImage)) return madeBaseImage;
  if (wanted !== madeBaseImage) {
    const refusal = await pull(socketPath, wanted);
    if (!refusal) return wanted;
    requireLinux(wanted, refusal);
  }
  await importTar(socketPath, madeBaseImage, await baseImageTar(cacheDirectory));
  return madeBaseImage;
};

const requireLinux = (wanted: string, refusal: string): void => {
  if (process.platform === "linux") return;
  throw new Error(
    `${wanted} could not be pulled (${refusal}), and only on Linux can a base image be made from the machine's own ` +
      `Node. Make it available to the engine: docker pull ${wanted}`,
  );
};

const isPresent = async (socketPath: string, tag: string): Promise<boolean> => {
  try {
    await callEngine({ socketPath, method: "GET", path: `/images/${tag}/json`, deadlineMs: 10_000 });
    return true;
  } catch (error) {
    if (error instanceof EngineRefusal && error.status === 404) return false;
    throw error;
  }
};

/** Why it could not be pulled; undefined when it is there. */
const pull = async (socketPath: string, tag: string): Promise<string | undefined> => {
  const path = `/images/create?fromImage=${encodeURIComponent(tag)}`;
  try {
    // The answer is 200 before the pull has begun; whether it worked is in the last line.
    const progress = await callEngine({ socketPath, method: "POST", path, deadlineMs: pullDeadlineMs });
    return progress.match(/"error":"([^"]*)/)?.[1];
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

const importTar = async (socketPath: string, tag: string, file: string): Promise<void> => {
  const query = new URLSearchParams({ fromSrc: "-", repo: tag, changes: "ENV PATH=/usr/local/bin:/usr/bin:/bin" });
  const path = `/images/create?${query}`;
  const body = createReadStream(file);
  const answer = await callEngine({ socketPath, method: "POST", path, deadlineMs: importDeadlineMs, body });
  const problem = answer.match(/"error":"([^"]*)/)?.[1];
  if (problem) throw new Error(`The engine could not take the base image ${tag}: ${problem}`);
};
