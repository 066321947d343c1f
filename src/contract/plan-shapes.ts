import { z } from "zod";

export const reasonShape = z.enum(["commit", "deploy", "rollback", "join", "correct"]);

export const refusalShape = z.object({ reason: z.string(), advice: z.string() });

export const planShape = z.object({
  service: z.string(),
  environment: z.string(),
  release: z.number(),
  image: z.string(),
  reason: reasonShape,
  strategy: z.enum(["rolling", "canary", "blue-green", "all-at-once"]),
  batches: z.array(
    z.object({
      hosts: z.array(
        z.object({
          name: z.string(),
          from: z.number().optional(),
          pull: z.boolean().describe("It does not hold the image"),
          pullBytes: z.number().optional().describe("At the most, compressed; absent where nobody tells"),
          freeBytes: z.number().optional().describe("Of the disk that the image goes to, where it was read"),
        }),
      ),
      inServiceMeanwhile: z.number(),
    }),
  ),
  upToDate: z.array(z.string()),
  minHealthy: z.number(),
  inService: z.number(),
  skipped: z.array(z.string()).describe("Hosts that cannot be reached and are left out; they join when they are back"),
  lifts: z.array(z.string()).optional().describe("Hosts that serve again though somebody had taken them out"),
  holds: z.array(z.string()).describe("What is held for the rollout, in words"),
  warnings: z
    .array(z.object({ message: z.string(), advice: z.string() }))
    .describe("Allowed, and yet worth a look: timers that do not fit together, full disks"),
  expectedSeconds: z.number().optional().describe("From what earlier rollouts of this place took"),
  steps: z.array(z.string()).describe("The exact sequence in words, one line an act"),
  refusals: z.array(refusalShape).describe("Not empty: the rollout must not start"),
});

/** POST /api/plan */
export const planRequest = z.object({
  service: z.string().min(1).max(200),
  environment: z.string().min(1).max(200),
  reason: z.enum(["deploy", "rollback", "correct"]).default("deploy").describe("What it would be asked for as"),
  release: z
    .number()
    .int()
    .positive()
    .optional()
    .describe("Default: the newest; of a roll back, the last good one before the live one. Not of a correction"),
  hosts: z
    .array(z.string().min(1).max(200))
    .min(1)
    .max(1_000)
    .optional()
    .describe("Of a correction; default: every host that drifted"),
});
