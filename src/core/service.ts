/** What `slipway.yaml` says, checked and with every default filled in. Durations are milliseconds (`...Ms`). */
export type ServiceSpec = {
  readonly service: string;
  readonly build: BuildSpec;
  readonly run: RunSpec;
  /** In the order of the file; the first pattern that matches a branch decides. */
  readonly branches: readonly BranchRule[];
  readonly environments: Readonly<Record<string, EnvironmentSpec>>;
};

export type BuildSpec = {
  readonly steps: readonly StepSpec[];
  readonly image: {
    /** Registry host, optional port, and path; never a tag. */
    readonly repository: string;
    readonly dockerfile: string;
    readonly context: string;
    readonly args: Readonly<Record<string, string>>;
  };
};

export type StepSpec = {
  readonly name: string;
  /** Given to `sh -eu -c` as one argument; it is the user's own script. */
  readonly run: string;
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string>>;
  /** Glob below the workspace, e.g. `reports/*.xml`. */
  readonly junit?: string;
  /** Directories kept between builds of one source, e.g. `~/.npm`. */
  readonly cache: readonly string[];
};

export type RunSpec = {
  /** The port the program listens on. */
  readonly port: number;
  /** `bridge`: the port is published on the host; `host`: the program binds the host's port itself. */
  readonly network: "bridge" | "host";
  readonly env: Readonly<Record<string, string>>;
  /** Names of secrets that the container gets as environment variables. */
  readonly secrets: readonly string[];
  /** Bind mounts as Docker writes them: `/host:/container[:ro]`. */
  readonly volumes: readonly string[];
  readonly command?: readonly string[];
  readonly stop: { readonly signal: string; readonly timeoutMs: number };
  readonly limits: { readonly memoryBytes?: number; readonly cpus?: number };
  readonly health?: HealthSpec;
  readonly smoke?: SmokeSpec;
};

export type HealthSpec = {
  readonly path: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** So many good answers in a row make it healthy. */
  readonly healthyAfter: number;
  /** It must then stay healthy for so long. */
  readonly stableMs: number;
  /** All of this must be reached within so long after the start. */
  readonly deadlineMs: number;
};

export type SmokeSpec = {
  readonly path: string;
  /** The body must contain this; `{{ commit }}` stands for the full SHA. */
  readonly expect?: string;
  readonly status: number;
};

export type BranchRule =
  | { readonly pattern: string; readonly environment: string }
  /** `{user}` in the pattern names the developer; rolls out to `personal/<user>` where the fleet has it. */
  | { readonly pattern: string; readonly personal: true };

export type EnvironmentSpec = {
  readonly rollout: RolloutSpec;
  readonly verify: readonly StepSpec[];
  readonly promote?: { readonly from: string; readonly approval?: { readonly timeoutMs: number } };
};

/** A count of hosts, or a share of the group's hosts. */
export type Quantity = { readonly hosts: number } | { readonly percent: number };

export const strategies = ["rolling", "canary", "blue-green", "all-at-once"] as const;
export type StrategyName = (typeof strategies)[number];

export type RolloutSpec = {
  readonly strategy: StrategyName;
  readonly batch: Quantity;
  /** Absent: all but one batch. */
  readonly minHealthy?: Quantity;
  readonly bakeMs: number;
  /** While a host bakes, more of its answers than this must not fail. */
  readonly maxErrorPercent: number;
  readonly drainTimeoutMs: number;
  /** Tests of Slipway itself switch this off to see that the receipt counts what is then lost. */
  readonly drain: boolean;
  /** Requests that are still in flight at the drain's deadline: end the rollout there, or stop the program all the same. */
  readonly onDrainTimeout: "fail" | "stop";
  /**
   * `put-back`: every host that was changed goes back. `pause`: a person decides. `continue`: the failed host alone
   * goes back and the rollout goes on, until more than `maxFailures` have failed.
   */
  readonly onFailure: "put-back" | "pause" | "continue";
  readonly maxFailures: number;
  /** How long a paused rollout waits for a person before it is put back. */
  readonly pauseTimeoutMs: number;
  /** A commit that lands in mid-rollout: end after the batch and go on with the newer, or finish first. */
  readonly onNewerCommit: "re-aim" | "finish";
  /** A host that cannot be reached when the plan is made: refuse, or leave it out; it joins when it is back. */
  readonly onUnreachable: "refuse" | "skip";
  /** How long blue-green keeps the old containers running, drained, for an instant return. */
  readonly keepOldMs: number;
  /** With the strategy `canary` only. */
  readonly canary?: CanarySpec;
};

/** The first hosts of a rollout, and what must be true of them before the others follow. */
export type CanarySpec = {
  readonly hosts: Quantity;
  readonly bakeMs: number;
  /** Failed answers of the canary hosts at the balancer while it bakes. */
  readonly maxErrorPercent: number;
  /** Fewer requests than this say nothing: not measured. */
  readonly minRequests: number;
  /** Commands of the repository; a failure is a verdict. */
  readonly commands: readonly StepSpec[];
  /** Asked of the environment's Prometheus (fleet.yaml). */
  readonly queries: readonly QuerySpec[];
};

/** A query that gives one number, and where that number must be. */
export type QuerySpec = {
  readonly name: string;
  readonly query: string;
  readonly min?: number;
  readonly max?: number;
};

/** What holds for an environment that slipway.yaml does not name. */
export const defaultEnvironment: EnvironmentSpec = {
  rollout: {
    strategy: "rolling",
    batch: { hosts: 1 },
    bakeMs: 0,
    maxErrorPercent: 10,
    drainTimeoutMs: 30_000,
    drain: true,
    onDrainTimeout: "fail",
    onFailure: "put-back",
    maxFailures: 0,
    pauseTimeoutMs: 24 * 60 * 60_000,
    onNewerCommit: "re-aim",
    onUnreachable: "refuse",
    keepOldMs: 10 * 60_000,
  },
  verify: [],
};

export const environmentSpecOf = (
  environments: Readonly<Record<string, EnvironmentSpec>>,
  name: string,
): EnvironmentSpec => (Object.hasOwn(environments, name) ? environments[name] : undefined) ?? defaultEnvironment;
