import type { EngineHost } from "#ports/containers.ts";

export type DiskSpace = { readonly freeBytes: number; readonly totalBytes: number };

/** The disks that the hosts' engines keep their images on. */
export interface Disks {
  /**
   * What is free where the host's engine keeps its images; undefined where that cannot be told (a host without ssh, a
   * `df` that says something else). Rejects with host.unreachable, bastion.unreachable, host.key-changed where the way
   * is broken, or with the signal's reason.
   */
  space(at: EngineHost, signal: AbortSignal): Promise<DiskSpace | undefined>;
}
