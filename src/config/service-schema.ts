import { z } from "zod";
import { strategies } from "#core/service.ts";
import {
  anyDuration,
  duration,
  environmentName,
  environmentValues,
  line,
  memory,
  minimum,
  name,
  port,
  quantity,
  secretName,
  text,
} from "./values.ts";

const relativePath = line.refine((path) => !path.startsWith("/") && !path.split("/").includes(".."), {
  error: "a path inside the repository",
});

/** Braces and brackets of a glob multiply: one line of them keeps the server from everything else. */
const reportsPattern = relativePath.refine((pattern) => !/[{}()]/.test(pattern), {
  error: "a glob of *, ** and ? without {…} or (…), as in reports/*.xml",
});

const step = z.strictObject({
  name: line.describe("What people see"),
  run: text.min(1).describe("Given to sh -eu -c"),
  timeout: duration.default("30m"),
  env: environmentValues.default({}),
  reports: z.strictObject({ junit: reportsPattern.describe("Glob of JUnit XML files, e.g. reports/*.xml") }).optional(),
  cache: z
    .array(
      line.refine((path) => /^~\/[^.]|^~\/\.[^.]/.test(path) && !path.split("/").includes(".."), {
        error: "a path below ~/, as in ~/.npm",
      }),
    )
    .default([])
    .describe("Directories below ~ that are kept between builds"),
});

const repository = z
  .string()
  .regex(/^[a-z0-9]+(?:[.-][a-z0-9]+)*(?::\d{1,5})?(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)+$/, {
    error: "a repository without a tag, as in registry.example.com/acme/hello",
  })
  .max(255);

const pathExpected = { error: "a path that begins with /, without spaces" };
const urlPath = z.string(pathExpected).regex(/^\/[!-~]{0,499}$/, pathExpected);

const health = z.strictObject({
  path: urlPath,
  interval: duration.default("1s"),
  timeout: duration.default("5s"),
  healthy_after: z.int().min(1).max(100).default(3).describe("So many good answers in a row"),
  stable: anyDuration.default("10s").describe("It must then stay healthy for so long"),
  deadline: duration.default("5m"),
});

const smoke = z.strictObject({
  path: urlPath,
  expect: z.string().max(1_000).optional().describe("The answer must contain this; {{ commit }} is the full SHA"),
  status: z.int().min(100).max(599).default(200),
});

const run = z.strictObject({
  port,
  network: z.enum(["bridge", "host"]).default("bridge"),
  env: environmentValues.default({}),
  secrets: z.array(secretName).default([]).describe("Secrets that the container gets as environment variables"),
  volumes: z
    .array(line.regex(/^\/[^:]*:\/[^:]*(:ro)?$/, { error: "/path/on/host:/path/in/container, with :ro for read-only" }))
    .default([]),
  command: z.array(text).min(1).optional(),
  stop: z
    .strictObject({
      signal: z
        .string()
        .regex(/^SIG[A-Z0-9]{2,10}$/, { error: "a signal, as in SIGTERM" })
        .default("SIGTERM"),
      timeout: anyDuration.default("10s"),
    })
    .prefault({}),
  limits: z.strictObject({ memory: memory.optional(), cpus: z.number().positive().max(1_024).optional() }).default({}),
  health: health.optional(),
  smoke: smoke.optional(),
});

const query = z
  .strictObject({
    name: line.describe("What people see"),
    query: line.describe("PromQL that gives one number; asked of the environment's Prometheus in fleet.yaml"),
    min: z.number().optional(),
    max: z.number().optional(),
  })
  .refine(({ min, max }) => min !== undefined || max !== undefined, { error: "min or max, or both" });

const share = z.string().regex(/^\d{1,2}(\.\d{1,3})?%$/, { error: "a share, as in 1%" });

export const canarySchema = z.strictObject({
  hosts: quantity.default(1).describe("The first hosts"),
  bake: duration.default("5m").describe("How long they are watched"),
  max_error_rate: share.default("1%").describe("Failed answers of the canary hosts, as the balancers count them"),
  min_requests: z.int().min(0).max(1_000_000).default(10).describe("Fewer say nothing: the rollout pauses"),
  commands: z.array(step).default([]).describe("Run from a checkout of the commit; a failure is a verdict"),
  queries: z.array(query).default([]),
});

const rollout = z.strictObject({
  strategy: z
    .enum(strategies)
    .default("rolling")
    .describe(
      "rolling; canary: the first hosts prove it; blue-green: beside the old, one switch; all-at-once: workers",
    ),
  batch: quantity.default(1),
  min_healthy: minimum.optional().describe("Default: all but one batch, and at least 1 of several hosts"),
  bake: anyDuration.default("0s"),
  max_error_rate: share.default("10%").describe("Failed answers of a host while it bakes, as the balancers count them"),
  drain_timeout: anyDuration.default("30s"),
  drain: z.boolean().default(true).describe("false: replace without draining; requests will fail"),
  on_drain_timeout: z
    .enum(["fail", "stop"])
    .default("fail")
    .describe("stop: for long-lived connections that the program closes at its stop signal"),
  on_failure: z
    .enum(["put-back", "pause", "continue"])
    .default("put-back")
    .describe("pause: a person decides; continue: only the failed host goes back, up to max_failures"),
  max_failures: z.int().min(0).max(10_000).default(0),
  pause_timeout: duration.default("24h").describe("A paused rollout is put back when nobody chooses for so long"),
  on_newer_commit: z
    .enum(["re-aim", "finish"])
    .default("re-aim")
    .describe("A commit in mid-rollout: end after the batch and go on with it, or finish first"),
  on_unreachable: z
    .enum(["refuse", "skip"])
    .default("refuse")
    .describe("A host that cannot be reached: refuse the plan, or leave it out until it is back"),
  keep_old: anyDuration
    .default("10m")
    .describe("blue-green: how long the old containers run on, drained, for an instant return"),
  canary: canarySchema.optional(),
});

const environment = z.strictObject({
  rollout: rollout.prefault({}),
  verify: z.array(step).default([]),
  promote: z
    .strictObject({
      from: environmentName,
      approval: z.strictObject({ timeout: duration.default("6h") }).optional(),
    })
    .optional(),
});

const branch = z.union(
  [z.strictObject({ environment: environmentName }), z.strictObject({ personal: z.literal(true) })],
  { error: "{ environment: NAME } or { personal: true }" },
);

const branchPattern = z
  .string()
  .min(1)
  .max(250)
  .refine((pattern) => pattern.split("/").every((part) => part === "{user}" || !/[{}]/.test(part)), {
    error: "{user} between slashes",
  });

/** Keys that people look for and that are not there yet: by their end. */
export const notYet: Readonly<Record<string, string>> = {
  "approval.by": "approvers by role are not available yet: whoever has the server's token approves. Remove this key",
};

/** The form of `slipway.yaml`: the one source of its types, its checks and its JSON Schema. */
export const serviceSchema = z
  .strictObject({
    service: name,
    build: z.strictObject({
      steps: z.array(step).default([]),
      image: z.strictObject({
        repository,
        dockerfile: relativePath.default("Dockerfile"),
        context: relativePath.default("."),
        args: environmentValues.default({}),
      }),
    }),
    run,
    branches: z.record(branchPattern, branch).default({}).describe("The first pattern that matches a branch decides"),
    environments: z.record(environmentName, environment).optional(),
  })
  .describe("A service that Slipway builds and rolls out");
