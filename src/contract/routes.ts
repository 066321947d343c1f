import { z } from "zod";
import { planRequest, planShape } from "./plan-shapes.ts";
import { envelopeShape, receiptKeyShape } from "./receipt-shapes.ts";
import {
  buildShape,
  bundleShape,
  byRequest,
  correctRequest,
  deployRequest,
  doctorShape,
  exportShape,
  lockRequest,
  lockShape,
  logShape,
  overviewShape,
  placeRequest,
  readinessShape,
  releaseShape,
  rollbackRequest,
  rolloutDetailShape,
  rolloutShape,
  sourceShape,
  steerRequest,
  unlockRequest,
} from "./shapes.ts";

/** One entry of the HTTP API. `change: true` means that it needs `Authorization: Bearer <token>`. */
export type Route = {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly summary: string;
  readonly change: boolean;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly answer: z.ZodType;
};

const route = <const R extends Route>(entry: R): R => entry;

/** Every route but `/healthz`, `/readyz`, `/openapi.json`, the page's files and the event stream `/api/events`. */
export const routes = {
  overview: route({
    method: "GET",
    path: "/api/overview",
    summary: "Everything at a glance",
    change: false,
    answer: overviewShape,
  }),
  builds: route({
    method: "GET",
    path: "/api/builds",
    summary: "Builds, newest first",
    change: false,
    query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
    answer: z.object({ builds: z.array(buildShape) }),
  }),
  build: route({
    method: "GET",
    path: "/api/builds/:id",
    summary: "One build, by id or number",
    change: false,
    answer: buildShape,
  }),
  rollouts: route({
    method: "GET",
    path: "/api/rollouts",
    summary: "Rollouts, newest first",
    change: false,
    query: z.object({
      limit: z.coerce.number().int().min(1).max(200).default(50),
      service: z.string().optional(),
      environment: z.string().optional(),
    }),
    answer: z.object({ rollouts: z.array(rolloutShape) }),
  }),
  rollout: route({
    method: "GET",
    path: "/api/rollouts/:id",
    summary: "One rollout with its timeline, by id or number",
    change: false,
    answer: rolloutDetailShape,
  }),
  bundle: route({
    method: "GET",
    path: "/api/rollouts/:id/bundles/:host",
    summary:
      "What was kept of a host that failed: its log, inspect, health answer, the balancer's reason, its difference to a healthy host",
    change: false,
    answer: bundleShape,
  }),
  export: route({
    method: "GET",
    path: "/api/rollouts/:id/export",
    summary: "Everything that `slipway rehearse` needs of a rollout; no value of a variable or a secret",
    change: false,
    answer: exportShape,
  }),
  receipt: route({
    method: "GET",
    path: "/api/rollouts/:id/receipt",
    summary: "The signed receipt of a rollout that ended, as a DSSE envelope; also as `.html`, `.svg` and `.png`",
    change: false,
    answer: envelopeShape,
  }),
  receiptKey: route({
    method: "GET",
    path: "/api/receipt-key",
    summary: "The public key that receipts are checked with",
    change: false,
    answer: receiptKeyShape,
  }),
  releases: route({
    method: "GET",
    path: "/api/releases/:service",
    summary: "Releases of a service, newest first",
    change: false,
    answer: z.object({ releases: z.array(releaseShape) }),
  }),
  log: route({
    method: "GET",
    path: "/api/logs/:id",
    summary:
      "A build's log (id: the build's), a rollout's verification log (id: the rollout's), or who locked a place (id: `locks/<environment>/<service>`, encoded)",
    change: false,
    query: z.object({ after: z.coerce.number().int().min(0).default(0) }),
    answer: logShape,
  }),
  plan: route({
    method: "POST",
    path: "/api/plan",
    summary: "What a rollout, a roll back or a correction would do; touches nothing",
    change: true,
    body: planRequest,
    answer: planShape,
  }),
  deploy: route({
    method: "POST",
    path: "/api/rollouts",
    summary: "Roll a release out",
    change: true,
    body: deployRequest,
    answer: rolloutShape,
  }),
  rollback: route({
    method: "POST",
    path: "/api/rollbacks",
    summary: "Roll back to an earlier release, by digest",
    change: true,
    body: rollbackRequest,
    answer: rolloutShape,
  }),
  cancel: route({
    method: "POST",
    path: "/api/rollouts/:id/cancel",
    summary: "End a rollout, in the middle of what it does, and put back what it touched",
    change: true,
    body: byRequest,
    answer: rolloutShape,
  }),
  pause: route({
    method: "POST",
    path: "/api/rollouts/:id/pause",
    summary: "Pause a rollout at its next gate",
    change: true,
    body: byRequest,
    answer: rolloutShape,
  }),
  steer: route({
    method: "POST",
    path: "/api/rollouts/:id/steer",
    summary: "Choose how a paused rollout goes on",
    change: true,
    body: steerRequest,
    answer: rolloutShape,
  }),
  correct: route({
    method: "POST",
    path: "/api/corrections",
    summary: "Put hosts right that run something else than the live release",
    change: true,
    body: correctRequest,
    answer: rolloutShape,
  }),
  lock: route({
    method: "POST",
    path: "/api/locks",
    summary: "Let no rollout start in a place until the lock ends",
    change: true,
    body: lockRequest,
    answer: lockShape,
  }),
  unlock: route({
    method: "POST",
    path: "/api/unlocks",
    summary: "Let rollouts start in a place again; who did it is recorded",
    change: true,
    body: unlockRequest,
    answer: placeRequest,
  }),
  readiness: route({
    method: "GET",
    path: "/api/readiness",
    summary: "What a roll back would go to, and how soon",
    change: false,
    query: z.object({ service: z.string(), environment: z.string() }),
    answer: readinessShape,
  }),
  approve: route({
    method: "POST",
    path: "/api/rollouts/:id/approve",
    summary: "Let a rollout that waits for approval go on",
    change: true,
    body: byRequest,
    answer: rolloutShape,
  }),
  poll: route({
    method: "POST",
    path: "/api/sources/:name/poll",
    summary: "Look at a source now instead of at its next poll",
    change: true,
    answer: sourceShape,
  }),
  doctor: route({
    method: "POST",
    path: "/api/doctor",
    summary: "Check everything a rollout stands on; touches nothing",
    change: true,
    answer: doctorShape,
  }),
} as const;

export type RouteName = keyof typeof routes;
