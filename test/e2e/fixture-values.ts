import type {
  BuildShape,
  BundleShape,
  GroupShape,
  HostShape,
  Overview,
  PlanShape,
  ReceiptShape,
  ReleaseShape,
  RolloutShape,
} from "#contract/shapes.ts";

/** Values as the server gives them, for looking at the page and for its test. Times are relative to the start. */

const start = Date.now();
export const ago = (seconds: number): string => new Date(start - seconds * 1_000).toISOString();

export const digestOf = (release: number): string => `sha256:${`${release}f3a9c2e7b1d`.repeat(6).slice(0, 64)}`;

export const hostileText = "<script>document.title='owned'</script> \u001b[31m$(rm -rf /)\u202e";

const subjects = [
  "Serve the first page",
  "Answer /healthz",
  "Log one line a request",
  "Greet by name",
  "Close connections on SIGTERM",
  "Cache greetings for a minute",
  "Say hello in Dutch",
  "Say hello in every language of the Union, from Bulgarian to Swedish, with the right plural",
];

export const commitOf = (release: number) => ({
  sha: `${(release * 7919).toString(16).padStart(5, "0")}c0ffee${"0123456789abcdef".repeat(2)}`.slice(0, 40),
  branch: "main",
  subject: subjects[release - 1] ?? `Change ${release}`,
  author: "Ana Ferreira",
});

export const releases = (newest: number): ReleaseShape[] =>
  Array.from({ length: newest }, (_, index) => newest - index).map((number) => ({
    service: "hello",
    number,
    buildId: `build-${number}`,
    buildNumber: number,
    source: "hello",
    commit: commitOf(number),
    image: { repository: "registry.example.com/acme/hello", digest: digestOf(number) },
    createdAt: ago((newest - number + 1) * 7_000),
  }));

export const host = (name: string, release: number, over: Partial<HostShape> = {}): HostShape => ({
  name,
  address: "10.0.1.11",
  release,
  digest: digestOf(release),
  inService: true,
  balancerState: "in-service",
  seenAt: ago(3),
  ...over,
});

export const plan = (release: number, hosts: readonly string[]): PlanShape => ({
  service: "hello",
  environment: "production",
  release,
  image: `registry.example.com/acme/hello@${digestOf(release)}`,
  reason: "commit",
  batches: hosts.map((name) => ({
    hosts: [{ name, from: release - 1, pull: true }],
    inServiceMeanwhile: hosts.length - 1,
  })),
  strategy: "rolling" as const,
  skipped: [],
  holds: [],
  warnings: [],
  upToDate: [],
  minHealthy: hosts.length - 1,
  inService: hosts.length,
  steps: [
    "lock production/hello for this rollout",
    `pull ${digestOf(release).slice(0, 19)} on ${hosts.join(", ")}, in parallel`,
    ...hosts.flatMap((name, index) => [
      `batch ${index + 1}: ${name} (${hosts.length - 1} of ${hosts.length} in service meanwhile)`,
      "  drain at edge: wait until nothing is in flight, at most 30 s",
      `  replace: stop the old container (SIGTERM, 10 s), start release ${release}`,
      "  check /healthz: 3 good answers in a row, then 10 s stable",
      "  admit at edge, and read it back",
    ]),
    "release the lock, announce, write the receipt",
  ],
  refusals: [],
});

export const receipt = (release: number, over: Partial<ReceiptShape> = {}): ReceiptShape => ({
  version: 2,
  rollout: release + 4,
  service: "hello",
  environment: "production",
  release,
  previousRelease: release - 1,
  commit: commitOf(release).sha,
  image: `registry.example.com/acme/hello@${digestOf(release)}`,
  by: `commit ${commitOf(release).sha.slice(0, 7)} on main`,
  outcome: "succeeded",
  startedAt: ago(3_700),
  endedAt: ago(3_686),
  seconds: 14,
  // As the server has it: what failed never went live.
  ...((over.outcome ?? "succeeded") === "succeeded" ? { commitToLiveSeconds: 41.5 } : {}),
  prober: { requests: 1_204, failed: 0, cut: 0 },
  balancers: { requests: 18_377, failed: 0, cut: 0 },
  longestDrainMs: 412,
  hosts: ["web-1", "web-2", "web-3"].map((name, index) => ({
    host: name,
    outcome: "released" as const,
    stepsMs: { drain: 180 + index * 116, replace: 1_310, check: 2_140, admit: 640, bake: 200 },
    repeated: 0,
  })),
  ...over,
});

export const rollout = (number: number, release: number, over: Partial<RolloutShape> = {}): RolloutShape => ({
  id: `rollout-${number}`,
  number,
  service: "hello",
  environment: "production",
  release,
  previousRelease: release - 1,
  reason: "commit",
  by: `commit ${commitOf(release).sha.slice(0, 7)} on main`,
  state: "succeeded",
  receipt: receipt(release, { rollout: number }),
  plan: plan(release, ["web-1", "web-2", "web-3"]),
  createdAt: ago(3_702 + (20 - number) * 4_000),
  startedAt: ago(3_700 + (20 - number) * 4_000),
  endedAt: ago(3_686 + (20 - number) * 4_000),
  ...over,
});

export const build = (number: number, over: Partial<BuildShape> = {}): BuildShape => ({
  id: `build-${number}`,
  number,
  source: "hello",
  commit: commitOf(number),
  state: "succeeded",
  service: "hello",
  steps: ["dependencies", "unit tests", "bundle", "image"].map((name, index) => ({
    name,
    state: "succeeded",
    startedAt: ago(4_000 + (8 - number) * 7_000 - index * 8),
    endedAt: ago(3_993.4 + (8 - number) * 7_000 - index * 8),
    exitCode: 0,
    ...(name === "unit tests" ? { tests: { passed: 214, failed: 0, skipped: 3, failures: [] } } : {}),
  })),
  image: { repository: "registry.example.com/acme/hello", digest: digestOf(number) },
  release: number,
  remarks: [`rolled out to production as rollout ${number + 4}`],
  createdAt: ago(4_003 + (8 - number) * 7_000),
  startedAt: ago(4_000 + (8 - number) * 7_000),
  endedAt: ago(3_960 + (8 - number) * 7_000),
  ...over,
});

export const group = (environment: string, live: number, over: Partial<GroupShape> = {}): GroupShape => ({
  service: "hello",
  environment,
  hosts: ["web-1", "web-2", "web-3"].map((name) => host(name, live)),
  liveRelease: live,
  liveCommit: commitOf(live),
  liveSince: ago(3_686),
  ...over,
});

export const overview = (over: Partial<Overview> = {}): Overview => ({
  version: "0.1.0",
  startedAt: ago(90_000),
  environments: [],
  sources: [],
  builds: [],
  rollouts: [],
  ...over,
});

export const bundle: BundleShape = {
  host: "web-1",
  at: new Date().toISOString(),
  text: "# The program's last lines\n\n\u001b[31mError: no database\u001b[0m\n\n# Difference to a healthy host\n\nenvironment: REGION only on web-2\n",
};
