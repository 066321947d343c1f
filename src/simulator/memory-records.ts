import { isDeepStrictEqual } from "node:util";
import { type Build, isBuildOpen } from "#core/build.ts";
import type { Envelope } from "#core/envelope.ts";
import type { HoldReceipt, TrafficCount } from "#core/receipt.ts";
import type { Release } from "#core/release.ts";
import { isFinal, type Rollout, type RolloutState, replacesWaiting, type TimelineEvent } from "#core/rollout.ts";
import type { TrafficSample } from "#core/traffic-series.ts";
import type { BalancerCounters } from "#ports/balancer.ts";
import type {
  BuildRecords,
  HeadRecords,
  Hold,
  Holds,
  HostMark,
  HostMarks,
  LogChunk,
  Logs,
  ReceiptRecords,
  ReleaseRecords,
  RolloutChange,
  RolloutRecords,
  SourceSight,
  Timeline,
  Turns,
} from "#ports/records.ts";

export type MemoryRecords = {
  heads: HeadRecords;
  builds: BuildRecords;
  releases: ReleaseRecords;
  rollouts: RolloutRecords;
  timeline: Timeline;
  logs: Logs;
  holds: Holds;
  hostMarks: HostMarks;
  receipts: ReceiptRecords;
  turns: Turns;
};

/** The records in memory: what a database would keep, for simulations. Passes the same contract suite. */
export function memoryRecords(now: () => number): MemoryRecords {
  const iso = () => new Date(now()).toISOString();
  const builds = new Map<string, Build>();
  return {
    heads: memoryHeads(builds, iso),
    builds: memoryBuilds(builds),
    releases: memoryReleases(iso),
    rollouts: memoryRollouts(iso),
    timeline: memoryTimeline(iso),
    logs: memoryLogs(iso),
    holds: memoryHolds(iso),
    hostMarks: memoryHostMarks(),
    receipts: memoryReceipts(),
    turns: memoryTurns(),
  };
}

function memoryHeads(builds: Map<string, Build>, iso: () => string): HeadRecords {
  const heads = new Map<string, string>();
  const sights = new Map<string, SourceSight>();
  return {
    async see(source, seen) {
      const fresh = seen.filter(({ branch, sha }) => heads.get(`${source} ${branch}`) !== sha);
      return fresh.map(({ branch, sha }) => {
        heads.set(`${source} ${branch}`, sha);
        const number = builds.size + 1;
        const commit = { sha, branch, subject: "", author: "" };
        const build: Build = {
          id: `build-${number}`,
          number,
          source,
          commit,
          state: "waiting",
          steps: [],
          remarks: [],
          createdAt: iso(),
        };
        builds.set(build.id, build);
        return build;
      });
    },
    async noteSight(sight) {
      sights.set(sight.name, sight);
    },
    sights: async () => [...sights.values()],
  };
}

const memoryBuilds = (builds: Map<string, Build>): BuildRecords => ({
  get: async (id) => builds.get(id),
  byNumber: async (number) => [...builds.values()].find((build) => build.number === number),
  list: async (limit) => [...builds.values()].toReversed().slice(0, limit),
  open: async () => [...builds.values()].filter(isBuildOpen),
  async update(id, change) {
    const kept = builds.get(id);
    if (!kept) throw new Error(`no build ${id}`);
    const changed = { ...kept, ...change };
    builds.set(id, changed);
    return changed;
  },
});

function memoryReleases(iso: () => string): ReleaseRecords {
  const releases: Release[] = [];
  const of = (service: string) => releases.filter((release) => release.service === service);
  return {
    async create(wish) {
      const kept = releases.find((release) => release.buildId === wish.buildId);
      if (kept) return kept;
      const release = { ...wish, number: of(wish.service).length + 1, createdAt: iso() };
      releases.push(release);
      return release;
    },
    get: async (service, number) => of(service).find((release) => release.number === number),
    list: async (service, limit) => of(service).toReversed().slice(0, limit),
    services: async () => [...new Set(releases.map(({ service }) => service))],
  };
}

function memoryRollouts(iso: () => string): RolloutRecords {
  const rollouts = new Map<string, Rollout>();
  const keys = new Map<string, string>();
  const update = (id: string, change: RolloutChange, onlyIn?: RolloutState): Rollout => {
    const kept = rollouts.get(id);
    if (!kept) throw new Error(`no rollout ${id}`);
    if (isFinal(kept.state) || kept.state !== (onlyIn ?? kept.state)) return kept;
    // As a document loses what is undefined.
    const changed = JSON.parse(JSON.stringify({ ...kept, ...change })) as Rollout;
    rollouts.set(id, changed);
    return changed;
  };
  return {
    async create({ key, ...wish }) {
      const made = rollouts.get(keys.get(key) ?? "");
      if (made) return made;
      for (const other of rollouts.values())
        if (
          other.state === "waiting" &&
          replacesWaiting(wish, other) &&
          other.service === wish.service &&
          other.environment === wish.environment
        )
          update(other.id, { state: "superseded", endedAt: iso() });
      const number = rollouts.size + 1;
      const rollout: Rollout = { ...wish, id: `rollout-${number}`, number, state: "waiting", createdAt: iso() };
      rollouts.set(rollout.id, rollout);
      keys.set(key, rollout.id);
      return rollout;
    },
    get: async (id) => rollouts.get(id),
    byNumber: async (number) => rollouts.get(`rollout-${number}`),
    list: async ({ service, environment, states, release }, limit) =>
      [...rollouts.values()]
        .toReversed()
        .filter((rollout) => service === undefined || rollout.service === service)
        .filter((rollout) => environment === undefined || rollout.environment === environment)
        .filter((rollout) => states === undefined || states.includes(rollout.state))
        .filter((rollout) => release === undefined || rollout.release === release)
        .slice(0, limit),
    update: async (id, change, onlyIn) => update(id, change, onlyIn),
  };
}

function memoryTimeline(iso: () => string): Timeline {
  const events = new Map<string, TimelineEvent[]>();
  const attempts = new Map<string, number>();
  const traffic = new Map<string, { rolloutId: string; part: string; count: TrafficCount }>();
  const counters = new Map<string, { rolloutId: string; part: string; counters: BalancerCounters }>();
  let seq = 0;
  const samples: { rolloutId: string; sample: TrafficSample }[] = [];
  return {
    async append(wish) {
      const act = [wish.rolloutId, wish.step, wish.host, wish.direction].join(" ");
      const attempt = Math.max(1, (attempts.get(act) ?? 0) + (wish.phase === "started" ? 1 : 0));
      if (wish.phase === "started") attempts.set(act, attempt);
      const event = { ...wish, attempt, seq: ++seq, at: iso() };
      const kept = events.get(wish.rolloutId);
      if (kept) kept.push(event);
      else events.set(wish.rolloutId, [event]);
      return event;
    },
    of: async (rolloutId, afterSeq = 0) => (events.get(rolloutId) ?? []).filter((event) => event.seq > afterSeq),
    async noteTraffic(rolloutId, part, count) {
      const kept = traffic.get(`${rolloutId} ${part}`)?.count ?? { requests: 0, failed: 0, cut: 0 };
      const greatest = {
        requests: Math.max(kept.requests, count.requests),
        failed: Math.max(kept.failed, count.failed),
        cut: Math.max(kept.cut, count.cut),
      };
      traffic.set(`${rolloutId} ${part}`, { rolloutId, part, count: greatest });
    },
    traffic: async (rolloutId) => [...traffic.values()].filter((entry) => entry.rolloutId === rolloutId),
    async noteCounters(rolloutId, part, reading) {
      const key = `${rolloutId} ${part}`;
      if (!counters.has(key)) counters.set(key, { rolloutId, part, counters: reading });
    },
    counters: async (rolloutId) => [...counters.values()].filter((entry) => entry.rolloutId === rolloutId),
    async noteSamples(rolloutId, seen) {
      const at = iso();
      for (const sample of seen) samples.push({ rolloutId, sample: { ...sample, at } });
    },
    samples: async (rolloutId) => samples.filter((entry) => entry.rolloutId === rolloutId).map(({ sample }) => sample),
  };
}

function memoryLogs(iso: () => string): Logs {
  const chunks = new Map<string, LogChunk[]>();
  let seq = 0;
  return {
    async append(logId, text) {
      chunks.set(logId, [...(chunks.get(logId) ?? []), { seq: ++seq, at: iso(), text }]);
    },
    read: async (logId, afterSeq, limit) =>
      (chunks.get(logId) ?? []).filter((chunk) => chunk.seq > afterSeq).slice(0, limit),
    async clear(logId) {
      chunks.delete(logId);
    },
  };
}

function memoryHolds(iso: () => string): Holds {
  const holds = new Map<string, Hold>();
  const history: { id: string; rolloutId: string; hold: HoldReceipt }[] = [];
  const put = (hold: Hold) => {
    const { id, rolloutId, kind, subject, before } = hold;
    holds.set(id, hold);
    history.push({ id, rolloutId, hold: { kind, subject, before, takenAt: iso() } });
  };
  const noteGivenBack = (id: string) => {
    const entry = history.findLast((each) => each.id === id && each.hold.givenBackAt === undefined);
    if (entry) entry.hold = { ...entry.hold, givenBackAt: iso() };
  };
  return {
    async take(hold) {
      const kept = holds.get(hold.id);
      if (kept) holds.set(hold.id, { ...kept, until: hold.until });
      else put(hold);
    },
    async replace(hold, asSeen) {
      if (!isDeepStrictEqual(holds.get(hold.id), asSeen)) return false;
      noteGivenBack(hold.id);
      put(hold);
      return true;
    },
    async renew(rolloutId, until) {
      for (const hold of holds.values()) if (hold.rolloutId === rolloutId) holds.set(hold.id, { ...hold, until });
    },
    async release(id, asSeen) {
      if (!holds.has(id) || (asSeen && !isDeepStrictEqual(holds.get(id), asSeen))) return false;
      holds.delete(id);
      noteGivenBack(id);
      return true;
    },
    ofRollout: async (rolloutId) => [...holds.values()].filter((hold) => hold.rolloutId === rolloutId),
    all: async () => [...holds.values()],
    history: async (rolloutId) => history.filter((entry) => entry.rolloutId === rolloutId).map(({ hold }) => hold),
  };
}

function memoryHostMarks(): HostMarks {
  const marks = new Map<string, HostMark>();
  return {
    all: async () => new Map(marks),
    async put(key, mark) {
      if (mark) marks.set(key, mark);
      else marks.delete(key);
    },
  };
}

function memoryReceipts(): ReceiptRecords {
  const envelopes = new Map<string, Envelope>();
  return {
    async keep(rolloutId, envelope) {
      envelopes.set(rolloutId, envelope);
    },
    get: async (rolloutId) => envelopes.get(rolloutId),
  };
}

function memoryTurns(): Turns {
  let turn = 0;
  return { next: async () => ++turn };
}
