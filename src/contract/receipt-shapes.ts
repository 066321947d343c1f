import { z } from "zod";

/** Shapes of receipts: the short one that a rollout carries, and the whole one that is signed. */

const time = z.iso.datetime();

export const trafficShape = z.object({ requests: z.number(), failed: z.number(), cut: z.number() });

const windowShape = z.object({
  seconds: z.number(),
  prober: trafficShape.optional(),
  balancers: trafficShape.optional(),
});

const hostReceiptShape = z.object({
  host: z.string(),
  outcome: z.enum(["released", "put-back", "untouched", "failed", "left-out"]),
  stepsMs: z.partialRecord(z.enum(["drain", "replace", "check", "admit", "bake"]), z.number()),
  putBackMs: z.number().optional(),
  repeated: z.number().describe("Tries beyond the first, after the server was killed"),
  from: z.number().optional().describe("The release it ran when the rollout was planned"),
  joined: z.literal(true).optional().describe("Not in the plan: added, or back, while the rollout ran"),
  why: z.string().optional().describe("Why it was left out, where it was"),
});

export const receiptShape = z.object({
  version: z.union([z.literal(1), z.literal(2)]).describe("1: of an earlier server; not signed, without holds"),
  rollout: z.number(),
  service: z.string(),
  environment: z.string(),
  release: z.number(),
  previousRelease: z.number().optional(),
  commit: z.string(),
  image: z.string(),
  by: z.string().describe("Who asked"),
  reason: z.enum(["commit", "deploy", "rollback", "join", "correct"]).optional(),
  outcome: z.enum(["succeeded", "failed", "cancelled", "stuck", "aborted", "superseded"]),
  startedAt: time,
  endedAt: time,
  seconds: z.number(),
  commitToLiveSeconds: z.number().optional(),
  prober: trafficShape.optional().describe("The prober's own requests through the balancer, start to end"),
  balancers: trafficShape.optional().describe("The balancers' own counters, all clients together, start to end"),
  uncounted: z.array(z.string()).optional().describe("What the balancers' count leaves out, a sentence each"),
  before: windowShape.optional().describe("Watched before the first host was touched"),
  after: windowShape.optional().describe("Watched after the end"),
  holds: z
    .array(
      z.object({
        kind: z.string(),
        subject: z.string(),
        before: z.string().optional().describe("What was found and is restored"),
        takenAt: time,
        givenBackAt: time.optional().describe("Absent: not given back when the receipt was written"),
      }),
    )
    .optional()
    .describe("What was switched off for the rollout"),
  longestDrainMs: z.number(),
  phasesMs: z
    .partialRecord(z.enum(["prepare", "canary", "switch", "verify"]), z.number())
    .optional()
    .describe("What was done to all hosts together; `prepare` pulls the image"),
  hosts: z.array(hostReceiptShape),
});

const countsShape = z.object({
  requests: z.array(z.number()),
  failed: z.array(z.number()),
  cut: z.array(z.number()),
});

/** What is signed. It only grows: a reader passes over what it does not know. */
export const wholeReceiptShape = receiptShape.extend({
  series: z
    .object({
      fromMs: z.number(),
      everyMs: z.number(),
      prober: countsShape.optional(),
      balancers: countsShape.optional(),
    })
    .optional()
    .describe("Traffic over time: point n covers everyMs from fromMs + n * everyMs after the start"),
  hosts: z.array(
    hostReceiptShape.extend({
      spans: z
        .array(
          z.object({
            step: z.enum(["drain", "replace", "check", "admit", "bake"]),
            direction: z.enum(["forward", "back"]),
            end: z.enum(["succeeded", "failed", "interrupted"]),
            fromMs: z.number(),
            toMs: z.number(),
          }),
        )
        .optional()
        .describe("Every try at every step, in milliseconds after the start"),
    }),
  ),
});

/** The signed payload: an in-toto Statement v1 that says the receipt of an image. */
export const statementShape = z.object({
  _type: z.literal("https://in-toto.io/Statement/v1"),
  subject: z.array(z.object({ name: z.string(), digest: z.record(z.string(), z.string()) })),
  predicateType: z.literal("https://slipway.example.com/receipt/v2"),
  predicate: wholeReceiptShape,
});

/** GET /api/rollouts/:id/receipt: a DSSE envelope, https://github.com/secure-systems-lab/dsse */
export const envelopeShape = z.object({
  payloadType: z.string().describe("`application/vnd.in-toto+json`"),
  payload: z.string().describe("The signed bytes, base64: an in-toto Statement whose predicate is the receipt"),
  signatures: z.array(
    z.object({
      keyid: z.string().describe("SHA-256 of the public key's SubjectPublicKeyInfo, hex"),
      sig: z.string().describe("Ed25519, over `DSSEv1 <length> <payloadType> <length> <payload>`; base64"),
    }),
  ),
});

/** GET /api/receipt-key */
export const receiptKeyShape = z.object({
  algorithm: z.literal("Ed25519"),
  keyId: z.string(),
  publicKey: z.string().describe("SubjectPublicKeyInfo, PEM"),
});

export type ReceiptShape = z.infer<typeof receiptShape>;
export type WholeReceipt = z.infer<typeof wholeReceiptShape>;
export type EnvelopeShape = z.infer<typeof envelopeShape>;
export type ReceiptKey = z.infer<typeof receiptKeyShape>;
