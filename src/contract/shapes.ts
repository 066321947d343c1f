import { z } from "zod";
import { planShape, reasonShape, refusalShape } from "./plan-shapes.ts";
import { receiptShape, trafficShape } from "./receipt-shapes.ts";

/** Response and request shapes of the HTTP API, shared by server, command line and page. Times are ISO 8601, UTC. */

const time = z.iso.datetime();

export const errorShape = z
  .object({
    code: z.string(),
    message: z.string(),
    advice: z.string(),
    host: z.string().optional(),
    command: z.string().optional(),
    exit: z.string().optional(),
    lastLines: z.string().optional(),
  })
  .describe("What we were doing, to which thing, what we expected, what we saw, and what to do next");

export const commitShape = z.object({ sha: z.string(), branch: z.string(), subject: z.string(), author: z.string() });
export const imageShape = z.object({ repository: z.string(), digest: z.string() });

export const testReportShape = z.object({
  passed: z.number(),
  failed: z.number(),
  skipped: z.number(),
  failures: z.array(z.object({ name: z.string(), message: z.string() })),
});

export const buildStepShape = z.object({
  name: z.string(),
  state: z.enum(["waiting", "running", "succeeded", "failed"]),
  startedAt: time.optional(),
  endedAt: time.optional(),
  exitCode: z.number().optional(),
  tests: testReportShape.optional(),
});

export const buildShape = z.object({
  id: z.string(),
  number: z.number(),
  source: z.string(),
  commit: commitShape,
  state: z.enum(["waiting", "running", "succeeded", "failed"]),
  service: z.string().optional(),
  steps: z.array(buildStepShape),
  image: imageShape.optional(),
  imageReused: z.boolean().optional(),
  release: z.number().optional(),
  error: errorShape.optional(),
  remarks: z.array(z.string()),
  createdAt: time,
  startedAt: time.optional(),
  endedAt: time.optional(),
});

export const rolloutStateShape = z.enum([
  "waiting",
  "running",
  "paused",
  "aborted",
  "succeeded",
  "failed",
  "stuck",
  "superseded",
  "refused",
  "cancelled",
]);

export const steerActionShape = z.enum(["retry", "exclude", "continue", "put-back", "roll-back", "abort"]);

export const pauseShape = z.object({
  number: z.number().describe("Which pause of this rollout it is: a choice names it"),
  why: z.enum(["failure", "not-measured", "asked"]),
  message: z.string(),
  error: errorShape.optional(),
  hosts: z.array(z.string()),
  choices: z.array(steerActionShape),
  since: time,
  until: time.describe("When it is put back if nobody chooses"),
});

export const rolloutShape = z.object({
  id: z.string(),
  number: z.number(),
  service: z.string(),
  environment: z.string(),
  release: z.number(),
  previousRelease: z.number().optional(),
  reason: reasonShape,
  by: z.string(),
  state: rolloutStateShape,
  plan: planShape.optional(),
  error: errorShape.optional(),
  receipt: receiptShape.optional(),
  pause: pauseShape.optional().describe("While it waits for a person"),
  cancelledBy: z.string().optional(),
  pauseAskedBy: z.string().optional(),
  onlyHosts: z.array(z.string()).optional(),
  excluded: z.array(z.string()).optional().describe("Hosts that were left out and run what they ran before"),
  supersededBy: z.number().optional(),
  createdAt: time,
  startedAt: time.optional(),
  endedAt: time.optional(),
});

export const timelineEventShape = z.object({
  seq: z.number(),
  rolloutId: z.string(),
  at: time,
  step: z.enum([
    "drain",
    "replace",
    "check",
    "admit",
    "bake",
    "plan",
    "announce",
    "approve",
    "hold",
    "prepare",
    "gate",
    "pause",
    "steer",
    "canary",
    "switch",
    "join",
    "reap",
    "verify",
    "put-back",
    "finish",
  ]),
  host: z.string().optional(),
  direction: z.enum(["forward", "back"]).optional(),
  phase: z.enum(["started", "progress", "succeeded", "failed"]),
  attempt: z.number(),
  message: z.string().optional(),
  error: errorShape.optional(),
});

/** GET /api/rollouts/:id/export */
export const exportShape = z.object({
  version: z.literal(1),
  rollout: rolloutShape,
  strategy: z.record(z.string(), z.unknown()).describe("How the environment wants it, every default filled in"),
  run: z.record(z.string(), z.unknown()).describe("Port, network, stop and health check"),
  timeline: z.array(timelineEventShape),
});

/** GET /api/rollouts/:id */
export const rolloutDetailShape = z.object({
  rollout: rolloutShape,
  commit: commitShape.optional(),
  hosts: z.array(z.string()).describe("Every host of the group, in the plan's order"),
  timeline: z.array(timelineEventShape),
  traffic: trafficShape.optional(),
});

export const hostShape = z.object({
  name: z.string(),
  address: z.string(),
  release: z.number().optional(),
  digest: z.string().optional(),
  inService: z.boolean().optional().describe("Absent until it was looked at"),
  balancerState: z.string().optional(),
  drift: z
    .object({
      kind: z.enum(["release", "stopped", "out-of-service", "unreachable"]),
      message: z.string(),
      since: time,
    })
    .optional()
    .describe("How it differs from what should run there"),
  problem: z.string().optional(),
  seenAt: time.optional(),
});

export const groupShape = z.object({
  service: z.string(),
  environment: z.string(),
  hosts: z.array(hostShape),
  /** The release of the last good rollout. */
  liveRelease: z.number().optional(),
  liveCommit: commitShape.optional(),
  liveSince: time.optional(),
  rollout: rolloutShape.optional().describe("The one that runs or waits now"),
  lastRollout: rolloutShape.optional(),
});

export const sourceShape = z.object({
  name: z.string(),
  git: z.string(),
  branches: z.array(z.string()),
  pollMs: z.number(),
  lastSeenAt: time.optional(),
  error: z.string().optional(),
  failures: z.number(),
  nextPollAt: time.optional(),
});

/** GET /api/overview: all the page's first screen and `slipway status` need. */
export const overviewShape = z.object({
  version: z.string(),
  startedAt: time,
  environments: z.array(z.object({ name: z.string(), network: z.string(), groups: z.array(groupShape) })),
  sources: z.array(sourceShape),
  builds: z.array(buildShape),
  rollouts: z.array(rolloutShape),
});

export const releaseShape = z.object({
  service: z.string(),
  number: z.number(),
  buildId: z.string(),
  buildNumber: z.number(),
  source: z.string(),
  commit: commitShape,
  image: imageShape,
  createdAt: time,
});

export const logChunkShape = z.object({ seq: z.number(), at: time, text: z.string() });
/** GET /api/logs/:id?after=SEQ: at most 1,000 chunks; `ended` when no more can come. */
export const logShape = z.object({ chunks: z.array(logChunkShape), ended: z.boolean() });

/** GET /api/rollouts/:id/bundles/:host: text under headings, for people; masked. */
export const bundleShape = z.object({ host: z.string(), at: time, text: z.string() });

export const problemShape = z.object({ error: errorShape });

const name = z.string().min(1).max(200);

const shown = planShape.optional().describe("The plan that was looked at: what differs when it begins is said");

/** POST /api/rollouts */
export const deployRequest = z.object({
  service: name,
  environment: name,
  release: z.number().int().positive().optional().describe("Default: the newest"),
  by: z.string().max(100).optional(),
  shown,
  /** Two requests with one key make one rollout. */
  key: z.string().max(100).optional(),
});

/** POST /api/rollbacks */
export const rollbackRequest = deployRequest.extend({
  release: z.number().int().positive().optional().describe("Default: the last good one before the live one"),
});

/** POST /api/rollouts/:id/steer */
export const steerRequest = z.object({
  action: steerActionShape,
  pause: z.number().int().positive().optional().describe("The pause it answers; default: the present one"),
  hosts: z
    .array(name)
    .min(1)
    .max(1_000)
    .optional()
    .describe("Of `exclude`; default: those that failed. Hosts that failed and are not named are tried again"),
  by: z.string().max(100).optional(),
});
export const byRequest = z.object({ by: z.string().max(100).optional() }).default({});

/** POST /api/corrections */
export const correctRequest = z.object({
  service: name,
  environment: name,
  hosts: z.array(name).min(1).max(1_000).optional().describe("Default: every host that drifted"),
  by: z.string().max(100).optional(),
  shown,
});

/** POST /api/locks and POST /api/unlocks */
export const placeRequest = z.object({ service: name, environment: name });
export const lockRequest = placeRequest.extend({
  reason: z.string().max(200).optional(),
  forMs: z
    .number()
    .int()
    .min(60_000)
    .max(30 * 86_400_000)
    .default(2 * 60 * 60_000)
    .describe("Milliseconds; nothing is locked for ever"),
  by: z.string().max(100).optional(),
});
export const unlockRequest = placeRequest.extend({ by: z.string().max(100).optional() });
export const lockShape = z.object({
  service: z.string(),
  environment: z.string(),
  by: z.string(),
  reason: z.string().optional(),
  until: time,
});

/** GET /api/readiness: what a roll back would go to, how soon, and what is in its way. */
export const readinessShape = z.object({
  service: z.string(),
  environment: z.string(),
  live: z.number().optional().describe("The release that is live; absent where a rollout was left in the middle"),
  release: z.number().optional().describe("What a roll back would go to; absent where there is no such release"),
  commit: commitShape.optional(),
  hosts: z.array(
    z.object({ name: z.string(), holdsImage: z.boolean().optional().describe("Absent: not looked at yet") }),
  ),
  expectedSeconds: z.number().optional().describe("From what earlier rollouts of this place took"),
  refusals: z.array(refusalShape).describe("Why it would be refused now, or why there is nothing to go back to"),
  underWay: z
    .object({ number: z.number(), state: rolloutStateShape, release: z.number(), pause: pauseShape.optional() })
    .optional()
    .describe("The rollout that runs or is paused there: a roll back cancels it where it goes forward, and follows it"),
  ready: z.boolean().describe("There is such a release, every host holds its image, and nothing refuses it"),
});

/** POST /api/doctor */
export const doctorCheckShape = z.object({
  subject: z.string().describe("What was checked: `web-1: ssh`, `registry.example.com: login`"),
  verdict: z.enum(["ok", "warning", "failed"]),
  message: z.string(),
  advice: z.string().optional(),
  ms: z.number(),
});
export const doctorShape = z.object({ checks: z.array(doctorCheckShape), ok: z.boolean() });

/** Each Server-Sent Event of GET /api/events: the topic that changed; its `id:` grows. */
export const changeShape = z.object({
  topic: z.string().describe("`overview`, `build/<id>`, `rollout/<id>` or `log/<id>`"),
});

export type ErrorShape = z.infer<typeof errorShape>;
export type BuildShape = z.infer<typeof buildShape>;
export type RolloutShape = z.infer<typeof rolloutShape>;
export type RolloutDetail = z.infer<typeof rolloutDetailShape>;
export type TimelineEventShape = z.infer<typeof timelineEventShape>;
export type PlanShape = z.infer<typeof planShape>;
export type { ReceiptShape } from "./receipt-shapes.ts";
export type Overview = z.infer<typeof overviewShape>;
export type GroupShape = z.infer<typeof groupShape>;
export type HostShape = z.infer<typeof hostShape>;
export type SourceShape = z.infer<typeof sourceShape>;
export type ReleaseShape = z.infer<typeof releaseShape>;
export type BundleShape = z.infer<typeof bundleShape>;
export type LogShape = z.infer<typeof logShape>;
export type DoctorShape = z.infer<typeof doctorShape>;
export type DoctorCheck = z.infer<typeof doctorCheckShape>;
export type DeployRequest = z.infer<typeof deployRequest>;
export type RollbackRequest = z.infer<typeof rollbackRequest>;
export type SteerAction = z.infer<typeof steerActionShape>;
export type PauseShape = z.infer<typeof pauseShape>;
export type ReadinessShape = z.infer<typeof readinessShape>;
