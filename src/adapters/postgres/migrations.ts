import { type Kysely, type Migration, sql } from "kysely";

/**
 * Forward only; each runs once, in the order of its name, under an advisory lock. Never change one that was released:
 * add the next.
 */
export const migrations: Record<string, Migration> = {
  "0001-records": {
    async up(db: Kysely<unknown>): Promise<void> {
      for (const statement of records) await sql.raw(statement).execute(db);
    },
  },
  "0002-turns": {
    async up(db: Kysely<unknown>): Promise<void> {
      await sql.raw("create sequence turns").execute(db);
    },
  },
  "0003-receipts": {
    async up(db: Kysely<unknown>): Promise<void> {
      for (const statement of receipts) await sql.raw(statement).execute(db);
    },
  },
  "0004-host-marks": {
    async up(db: Kysely<unknown>): Promise<void> {
      await sql.raw("create table host_marks (key text primary key, doc jsonb not null)").execute(db);
    },
  },
  "0005-hold-before": {
    async up(db: Kysely<unknown>): Promise<void> {
      await sql.raw("alter table hold_history add column before text").execute(db);
    },
  },
};

const records = [
  `create table heads (source text, branch text, sha text not null, primary key (source, branch))`,
  `create table source_sights (name text primary key, doc jsonb not null)`,
  `create table builds (
     id text primary key, number serial unique, state text not null, doc jsonb not null,
     created_at timestamptz not null default now())`,
  `create index builds_state on builds (state)`,
  `create table releases (
     service text, number integer, build_id text not null unique, doc jsonb not null,
     created_at timestamptz not null default now(), primary key (service, number))`,
  `create table rollouts (
     id text primary key, number serial unique, key text not null unique, service text not null,
     environment text not null, state text not null, doc jsonb not null,
     created_at timestamptz not null default now())`,
  `create index rollouts_place on rollouts (environment, service, number desc)`,
  `create table timeline (
     seq bigserial primary key, rollout_id text not null, act text not null, phase text not null,
     at timestamptz not null default now(), doc jsonb not null)`,
  `create index timeline_rollout on timeline (rollout_id, seq)`,
  `create table traffic (
     rollout_id text, part text, requests integer not null, failed integer not null, cut integer not null,
     primary key (rollout_id, part))`,
  `create table counters (rollout_id text, part text, doc jsonb not null, primary key (rollout_id, part))`,
  `create table logs (id text primary key, bytes bigint not null)`,
  `create table log_chunks (
     log_id text, seq bigserial, at timestamptz not null default now(), text text not null,
     primary key (log_id, seq))`,
  `create table holds (id text primary key, rollout_id text not null, doc jsonb not null)`,
];

const receipts = [
  `create table receipts (rollout_id text primary key, doc jsonb not null)`,
  `create table traffic_samples (
     id bigserial primary key, rollout_id text not null, at timestamptz not null default now(), part text not null,
     observer text not null, requests bigint not null, failed bigint not null, cut bigint not null)`,
  `create index traffic_samples_rollout on traffic_samples (rollout_id, id)`,
  `create table hold_history (
     seq bigserial primary key, hold_id text not null, rollout_id text not null, kind text not null,
     subject text not null, taken_at timestamptz not null default now(), given_back_at timestamptz)`,
  `create index hold_history_rollout on hold_history (rollout_id, seq)`,
  `create index hold_history_open on hold_history (hold_id) where given_back_at is null`,
];
