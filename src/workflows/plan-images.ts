import { SlipwayError } from "#core/errors.ts";
import type { HostSight } from "#core/plan.ts";
import { type Layer, pullBytes } from "#core/pull-bytes.ts";
import type { Image } from "#core/release.ts";
import { loginFor, registryOf } from "#workflows/prepare-hosts.ts";
import { within } from "#workflows/within.ts";
import type { World } from "#workflows/world.ts";

/** Nobody waits longer for a plan because of a registry. */
const sizeTimeoutMs = 10_000;

/** The sights, each with what the host would pull; or why the registry did not say. */
export type Sized = { readonly sights: readonly HostSight[]; readonly sizeUntold?: string };

/** Asks the registry how large the image is, where a host must pull it: what its present image has in common is not. */
export async function sizePulls(
  world: World,
  image: Image,
  sights: readonly HostSight[],
  signal: AbortSignal,
): Promise<Sized> {
  const needing = sights.filter(({ imagePresent, error }) => !imagePresent && !error);
  if (needing.length === 0) return { sights };
  try {
    const error = () => new SlipwayError("deadline.exceeded", `No answer within ${sizeTimeoutMs / 1_000} s.`);
    const held = [...new Set(needing.flatMap(({ digest }) => digest ?? []))];
    const [wanted, ...others] = await within(world, { timeoutMs: sizeTimeoutMs, error }, signal, (inTime) =>
      layersOf(world, [image, ...held.map((digest) => ({ ...image, digest }))], inTime),
    );
    if (!wanted) return { sights, sizeUntold: "the registry does not tell the image's size." };
    const layers = new Map(held.map((digest, index) => [digest, others[index] ?? []]));
    return { sights: sights.map((sight) => (needing.includes(sight) ? sized(sight, wanted, layers) : sight)) };
  } catch (thrown) {
    signal.throwIfAborted();
    return { sights, sizeUntold: world.mask(SlipwayError.from(thrown).message) };
  }
}

/** What the registry has forgotten of an image that a host runs is pulled again, as far as anybody knows. */
async function layersOf(world: World, images: readonly Image[], signal: AbortSignal) {
  const [first] = images;
  if (!first) return [];
  const login = await loginFor(world, first);
  const access = { spec: registryOf(world, first.repository) ?? { insecure: false }, ...(login ? { login } : {}) };
  return Promise.all(images.map((image) => world.images.layers(image, access, signal)));
}

const sized = (
  sight: HostSight,
  wanted: readonly Layer[],
  layers: ReadonlyMap<string, readonly Layer[]>,
): HostSight => ({ ...sight, pullBytes: pullBytes(wanted, layers.get(sight.digest ?? "") ?? []) });
