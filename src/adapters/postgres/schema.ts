import type { ColumnType, Generated, JSONColumnType } from "kysely";
import type { Build } from "#core/build.ts";
import type { Envelope } from "#core/envelope.ts";
import type { Release } from "#core/release.ts";
import type { Rollout, TimelineEvent } from "#core/rollout.ts";
import type { BalancerCounters } from "#ports/balancer.ts";
import type { Hold, HostMark, SourceSight } from "#ports/records.ts";

/** The tables, as the migrations leave them. What is searched by is a column; the rest of a value is one document. */
export type Tables = {
  heads: { source: string; branch: string; sha: string };
  source_sights: { name: string; doc: JSONColumnType<SourceSight> };
  builds: { id: string; number: Generated<number>; state: string; doc: JSONColumnType<BuildDoc>; created_at: Moment };
  releases: { service: string; number: number; build_id: string; doc: JSONColumnType<ReleaseDoc>; created_at: Moment };
  rollouts: {
    id: string;
    number: Generated<number>;
    key: string;
    service: string;
    environment: string;
    state: string;
    doc: JSONColumnType<RolloutDoc>;
    created_at: Moment;
  };
  timeline: {
    seq: Generated<number>;
    rollout_id: string;
    act: string;
    phase: string;
    at: Moment;
    doc: JSONColumnType<EventDoc>;
  };
  traffic: { rollout_id: string; part: string; requests: number; failed: number; cut: number };
  counters: { rollout_id: string; part: string; doc: JSONColumnType<BalancerCounters> };
  logs: { id: string; bytes: number };
  log_chunks: { log_id: string; seq: Generated<number>; at: Moment; text: string };
  holds: { id: string; rollout_id: string; doc: JSONColumnType<Hold> };
  hold_history: {
    seq: Generated<number>;
    hold_id: string;
    rollout_id: string;
    kind: string;
    subject: string;
    before: string | null;
    taken_at: Moment;
    given_back_at: ColumnType<Date | null, never, Date>;
  };
  host_marks: { key: string; doc: JSONColumnType<HostMark> };
  receipts: { rollout_id: string; doc: JSONColumnType<Envelope> };
  traffic_samples: {
    id: Generated<number>;
    rollout_id: string;
    at: Moment;
    part: string;
    observer: string;
    requests: number;
    failed: number;
    cut: number;
  };
};

type Moment = ColumnType<Date, Date | undefined, never>;

export type BuildDoc = Omit<Build, "id" | "number" | "state" | "createdAt">;
export type ReleaseDoc = Omit<Release, "service" | "number" | "buildId" | "createdAt">;
export type RolloutDoc = Omit<Rollout, "id" | "number" | "service" | "environment" | "state" | "createdAt">;
export type EventDoc = Omit<TimelineEvent, "seq" | "rolloutId" | "at" | "phase">;
