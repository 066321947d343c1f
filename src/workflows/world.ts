import type { FleetSpec } from "#core/fleet.ts";
import type { ServiceSpec } from "#core/service.ts";
import type { Alerts } from "#ports/alerts.ts";
import type { Autoscaling } from "#ports/autoscaling.ts";
import type { Balancer } from "#ports/balancer.ts";
import type { Checks } from "#ports/checks.ts";
import type { Clock } from "#ports/clock.ts";
import type { Containers } from "#ports/containers.ts";
import type { Images } from "#ports/images.ts";
import type { Machines } from "#ports/machines.ts";
import type { Metrics } from "#ports/metrics.ts";
import type { Notices } from "#ports/notices.ts";
import type { Prober } from "#ports/prober.ts";
import type {
  BuildRecords,
  HeadRecords,
  Holds,
  HostMarks,
  Logs,
  ReceiptRecords,
  ReleaseRecords,
  RolloutRecords,
  Timeline,
  Turns,
} from "#ports/records.ts";
import type { Secrets } from "#ports/secrets.ts";
import type { Signer } from "#ports/signer.ts";
import type { Source } from "#ports/source.ts";
import type { Workspaces } from "#ports/workspace.ts";
import type { OneAtATime } from "#workflows/one-at-a-time.ts";

/** Everything the workflows need from the world, joined in main.ts and in the simulations. */
export type World = {
  readonly clock: Clock;
  readonly source: Source;
  readonly workspaces: Workspaces;
  readonly images: Images;
  readonly containers: Containers;
  readonly balancer: Balancer;
  readonly checks: Checks;
  readonly prober: Prober;
  readonly notices: Notices;
  readonly secrets: Secrets;
  readonly heads: HeadRecords;
  readonly builds: BuildRecords;
  readonly releases: ReleaseRecords;
  readonly rollouts: RolloutRecords;
  readonly timeline: Timeline;
  readonly logs: Logs;
  readonly holds: Holds;
  readonly hostMarks: HostMarks;
  readonly receipts: ReceiptRecords;
  readonly signer: Signer;
  readonly turns: Turns;
  readonly metrics: Metrics;
  readonly alerts: Alerts;
  readonly autoscaling: Autoscaling;
  readonly machines: Machines;
  readonly oneAtATime: OneAtATime;
  /** The configuration in force now. */
  fleet(): FleetSpec;
  /** The text of a slipway.yaml as a checked value; throws config.invalid. */
  parseService(text: string, fileName: string): ServiceSpec;
  /** Text without any secret that was ever revealed. */
  mask(text: string): string;
  /** The address of a rollout's page. */
  rolloutUrl(id: string): string;
  /** Differs for every start of the server: tells the prober's parts of one rollout apart. */
  readonly incarnation: string;
};
