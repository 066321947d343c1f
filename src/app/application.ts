import type { Engine } from "#engine/run.ts";
import type { Pictures } from "#ports/pictures.ts";
import type { Reach } from "#ports/reach.ts";
import type { Changes } from "#ports/records.ts";
import type { World } from "#workflows/world.ts";
import type { FleetSights } from "./fleet-sights.ts";

/** What the use cases work with. */
export type Application = {
  readonly world: World;
  readonly engine: Engine;
  readonly reach: Reach;
  readonly changes: Changes;
  readonly sights: FleetSights;
  readonly pictures: Pictures;
  readonly version: string;
  readonly startedAt: string;
  /** Free and total bytes where the server keeps its data. */
  readonly ownDisk: () => Promise<{ freeBytes: number; totalBytes: number; directory: string }>;
  /** Looks at a source now; resolves when it was looked at. */
  readonly pollNow: (source: string) => Promise<void>;
};

/** All that starting and steering a rollout needs. */
export type RolloutDesk = Pick<Application, "world" | "engine">;
