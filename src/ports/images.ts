import type { RegistrySpec } from "#core/fleet.ts";
import type { Layer } from "#core/pull-bytes.ts";
import type { Commit, Image } from "#core/release.ts";
import type { RegistryLogin } from "#ports/containers.ts";

export type RegistryAccess = { readonly spec: RegistrySpec; readonly login?: RegistryLogin };

export type ImageWish = {
  readonly repository: string;
  readonly directory: string;
  readonly dockerfile: string;
  readonly context: string;
  readonly args: Readonly<Record<string, string>>;
  readonly commit: Commit;
  readonly source: string;
  readonly registry: RegistryAccess;
};

/** Images and the registry that keeps them. */
export interface Images {
  /**
   * The digest of the image built from exactly this commit, if the registry has one (tag = short SHA, and its label
   * `org.opencontainers.image.revision` equals the full SHA). Fails: registry.refused, registry.unreachable.
   */
  find(
    want: { repository: string; sha: string; registry: RegistryAccess },
    signal: AbortSignal,
  ): Promise<Image | undefined>;
  /**
   * Built from the directory, labelled with revision, source, version and created, tagged with the branch and the
   * short SHA, pushed; resolves with the digest the registry gave. Build args always include SLIPWAY_COMMIT.
   * Fails: image.build-failed (with last lines), registry.refused, registry.unreachable, engine.unreachable, disk.full.
   */
  buildAndPush(wish: ImageWish, onOutput: (text: string) => void, signal: AbortSignal): Promise<Image>;
  /**
   * What the image is made of, compressed, as the registry keeps it; of an index its first image. Undefined where the
   * registry does not have it, or does not say. Fails: registry.refused, registry.unreachable.
   */
  layers(image: Image, registry: RegistryAccess, signal: AbortSignal): Promise<readonly Layer[] | undefined>;
  /** Whether the registry takes the credentials; resolves with nothing when it does. For `doctor`. */
  ping(host: string, registry: RegistryAccess, signal: AbortSignal): Promise<void>;
  /** The version of the engine that builds. For `doctor`. Fails: engine.unreachable. */
  engine(signal: AbortSignal): Promise<{ version: string; apiVersion: string }>;
}
