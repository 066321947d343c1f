import type { EngineHost } from "#ports/containers.ts";

export type DiskSpace = { readonly freeBytes: number; readonly totalBytes: number };

export type MachineSight = {
  /** What is free where the host's engine keeps its images. Absent where that cannot be told. */
  readonly disk?: DiskSpace;
  /** The TCP ports that any program listens on, in a container or not. Absent without ssh: nobody can say whose they are. */
  readonly listening?: readonly number[];
};

/** The machines below the hosts' engines. */
export interface Machines {
  /**
   * What a plan needs to know beside the engine's own word. What cannot be told is absent, never guessed. Rejects with
   * host.unreachable, bastion.unreachable, host.key-changed where the way is broken, or with the signal's reason.
   */
  look(at: EngineHost, signal: AbortSignal): Promise<MachineSight>;
}
