import { generateKeyPairSync } from "node:crypto";
import { ed25519Signer } from "#adapters/signing/ed25519-signer.ts";
import type { UseCases } from "#app/use-cases.ts";
import type { GivenOf } from "#contract/calls.ts";
import { SlipwayError } from "#core/errors.ts";
import { receiptStatement, statementPayloadType } from "#core/statement.ts";
import { sampleReceipt } from "./receipts.ts";

type Build = GivenOf<"build">;
type Detail = GivenOf<"rollout">;
type Timeline = Detail["timeline"][number];
type Log = { chunks: GivenOf<"log">["chunks"][number][]; ended: boolean };

/** A server's memory that a test fills and changes by hand; every change tells the followers. */
export class FakeWorld {
  readonly builds: Build[] = [];
  readonly rollouts: Detail[] = [];
  readonly logs = new Map<string, Log>();
  /** By host. */
  readonly bundles = new Map<string, string>();
  refusals: GivenOf<"plan">["refusals"] = [];
  checks: GivenOf<"doctor">["checks"] = [{ subject: "engine", verdict: "ok", message: "answers", ms: 3 }];
  /** Of web-2. */
  drift: GivenOf<"overview">["environments"][number]["groups"][number]["hosts"][number]["drift"];
  /** Where a roll back could go, `hello/production` beside the usual place say. */
  readonly otherPlaces: { service: string; environment: string }[] = [];
  /** Every request that reached a use case. */
  readonly asked: { name: string; request: unknown }[] = [];
  readonly #followers = new Set<(topic: string) => void>();

  readonly follow = (onChange: (topic: string) => void): (() => void) => {
    this.#followers.add(onChange);
    return () => this.#followers.delete(onChange);
  };

  get followers(): number {
    return this.#followers.size;
  }

  tell(topic: string): void {
    for (const follower of this.#followers) follower(topic);
  }

  addRollout(number: number, change: Partial<Detail["rollout"]> = {}): Detail {
    const rollout = { ...fakeRollout(number), ...change };
    const detail: Detail = { rollout, commit: fakeCommit, hosts: ["web-1", "web-2"], timeline: [] };
    this.rollouts.unshift(detail);
    this.tell("overview");
    return detail;
  }

  changeRollout(id: string, change: Partial<Detail["rollout"]>, event?: Partial<Timeline>): void {
    const at = this.rollouts.findIndex((one) => one.rollout.id === id);
    const before = this.rollouts[at];
    if (!before) throw new Error(`no rollout ${id}`);
    const line = {
      seq: before.timeline.length + 1,
      rolloutId: id,
      at: now,
      step: "drain",
      phase: "started",
      attempt: 1,
    } as const;
    const timeline = event ? [...before.timeline, { ...line, ...event }] : before.timeline;
    this.rollouts[at] = { ...before, rollout: { ...before.rollout, ...change }, timeline };
    this.tell(`rollout/${id}`);
  }

  changeBuild(id: string, change: Partial<Build>): void {
    const at = this.builds.findIndex((one) => one.id === id);
    this.builds[at] = { ...fakeBuild(at), ...this.builds[at], ...change };
    this.tell(`build/${id}`);
  }

  resume(id: string, message: string): void {
    this.changeRollout(id, { state: "running", pause: undefined }, { step: "steer", phase: "succeeded", message });
  }

  write(logId: string, text: string, ended = false): void {
    const log = this.logs.get(logId) ?? { chunks: [], ended: false };
    if (text) log.chunks.push({ seq: log.chunks.length + 1, at: now, text });
    this.logs.set(logId, { ...log, ended });
    this.tell(`log/${logId}`);
  }
}

export const fakeUseCases = (world: FakeWorld): UseCases => {
  const cases: UseCases = {
    overview: async () => overviewOf(world),
    builds: async ({ query }) => ({ builds: world.builds.slice(0, query.limit) }),
    build: async ({ params }) => found(world.builds, params.id, (build) => build),
    rollouts: async ({ query }) => ({ rollouts: world.rollouts.slice(0, query.limit).map((one) => one.rollout) }),
    rollout: async ({ params }) => found(world.rollouts, params.id, (detail) => detail.rollout),
    bundle: async ({ params }) => {
      found(world.rollouts, params.id, (detail) => detail.rollout);
      return { host: params.host, at: now, text: world.bundles.get(params.host) ?? found([], params.host, never) };
    },
    export: async ({ params }) => {
      const { rollout, timeline } = found(world.rollouts, params.id, (detail) => detail.rollout);
      return { version: 1, rollout, strategy: {}, run: {}, timeline };
    },
    receipt: async ({ params }) => fakeEnvelope(found(world.rollouts, params.id, (detail) => detail.rollout).rollout),
    receiptKey: async () => fakeSigner.publicKey(),
    releases: async () => ({ releases: [fakeRelease(2), fakeRelease(1)] }),
    log: async ({ params, query }) => logOf(world, params.id, query.after),
    plan: async ({ body }) => ({
      ...fakePlan(body.release ?? 2),
      ...body,
      release: body.release ?? 2,
      refusals: world.refusals,
    }),
    deploy: async ({ body }) => {
      refuse(world, body.service);
      return world.addRollout(world.rollouts.length + 1, { service: body.service, environment: body.environment })
        .rollout;
    },
    rollback: async ({ body }) => {
      refuse(world, body.service);
      return world.addRollout(world.rollouts.length + 1, { reason: "rollback", release: body.release ?? 1 }).rollout;
    },
    cancel: async ({ params }) => found(world.rollouts, params.id, (detail) => detail.rollout).rollout,
    pause: async ({ params }) => found(world.rollouts, params.id, (detail) => detail.rollout).rollout,
    steer: async ({ params, body }) => {
      const { rollout } = found(world.rollouts, params.id, (detail) => detail.rollout);
      if (!rollout.pause) throw new SlipwayError("input.invalid", `Rollout ${rollout.number} is not paused.`);
      world.resume(rollout.id, `${body.by} chose ${body.action}`);
      return rollout;
    },
    correct: async () => world.addRollout(world.rollouts.length + 1, { reason: "correct" }).rollout,
    lock: async ({ body }) => ({
      service: body.service,
      environment: body.environment,
      by: body.by ?? "ben",
      until: "2026-11-23T12:00:00.000Z",
    }),
    unlock: async ({ body: { service, environment } }) => ({ service, environment }),
    readiness: async ({ query }) => ({
      ...query,
      release: 1,
      commit: fakeCommit,
      hosts: [
        { name: "web-1", holdsImage: true },
        { name: "web-2", holdsImage: true },
      ],
      expectedSeconds: 4,
      refusals: [],
      ready: true,
    }),
    approve: async ({ params }) => found(world.rollouts, params.id, (detail) => detail.rollout).rollout,
    poll: async ({ params }) => ({ ...fakeSource, name: params.name }),
    doctor: async () => ({ checks: world.checks, ok: world.checks.every((check) => check.verdict !== "failed") }),
  };
  return recorded(cases, world);
};

/** Signed as a server does it. */
export const fakeSigner = ed25519Signer(generateKeyPairSync("ed25519").privateKey);

const fakeEnvelope = async ({ number, state, receipt }: Detail["rollout"]) => {
  if (!receipt) throw new SlipwayError("not.found", `Rollout ${number} has no signed receipt: it is ${state}.`);
  const statement = receiptStatement(sampleReceipt());
  return fakeSigner.sign(
    statementPayloadType,
    JSON.stringify({ ...statement, predicate: { ...statement.predicate, ...receipt } }),
  );
};

const recorded = (cases: UseCases, world: FakeWorld): UseCases => {
  const wrapped = Object.entries(cases).map(([name, useCase]) => [
    name,
    async (request: never) => {
      world.asked.push({ name, request });
      return useCase(request);
    },
  ]);
  return Object.fromEntries(wrapped);
};

const refuse = (world: FakeWorld, service: string): void => {
  const reason = world.refusals[0];
  if (reason)
    throw new SlipwayError("plan.refused", `Could not plan ${service}: ${reason.reason}`, { advice: reason.advice });
};

const never = (): never => {
  throw new Error("there is none to look at");
};

const found = <T>(all: readonly T[], id: string, key: (one: T) => { id: string; number: number }): T => {
  const one = all.find((candidate) => key(candidate).id === id || String(key(candidate).number) === id);
  if (one === undefined) throw new SlipwayError("not.found", `There is no ${JSON.stringify(id)}.`);
  return one;
};

const logOf = (world: FakeWorld, id: string, after: number): GivenOf<"log"> => {
  const log = world.logs.get(id) ?? { chunks: [], ended: false };
  return { chunks: log.chunks.filter((chunk) => chunk.seq > after).slice(0, 1000), ended: log.ended };
};

const overviewOf = (world: FakeWorld): GivenOf<"overview"> => ({
  version: "0.0.0",
  startedAt: now,
  environments: [
    { name: "integration", network: "private", groups: [fakeGroup(world)] },
    ...world.otherPlaces.map((place) => ({
      name: place.environment,
      network: "private",
      groups: [{ ...fakeGroup(world), ...place }],
    })),
  ],
  sources: [fakeSource],
  builds: world.builds,
  rollouts: world.rollouts.map((one) => one.rollout),
});

const fakeGroup = (world: FakeWorld): GivenOf<"overview">["environments"][number]["groups"][number] => {
  const running = world.rollouts.find(
    (one) => one.rollout.state === "running" || one.rollout.state === "paused",
  )?.rollout;
  return {
    service: "hello",
    environment: "integration",
    hosts: [
      { name: "web-1", address: "10.0.1.11", release: 2, inService: true, balancerState: "UP", seenAt: now },
      {
        ...{ name: "web-2", address: "10.0.1.12", release: 1, inService: false, balancerState: "DRAIN", seenAt: now },
        ...(world.drift ? { drift: world.drift } : {}),
      },
    ],
    liveRelease: 1,
    liveCommit: fakeCommit,
    liveSince: now,
    ...(running ? { rollout: running } : {}),
  };
};

export const now = "2026-11-23T10:00:00.000Z";
export const fakeCommit = {
  sha: "1a2b3c4d5e6f".padEnd(40, "0"),
  branch: "develop",
  subject: "Say hello",
  author: "Ben",
};
const image = { repository: "registry.example.com/acme/hello", digest: `sha256:${"ab".repeat(32)}` };

export const fakeSource = {
  name: "hello",
  git: "https://github.com/acme/hello.git",
  branches: ["develop"],
  pollMs: 30_000,
  failures: 0,
  lastSeenAt: now,
};

export const fakeBuild = (number: number): Build => ({
  id: `build-${number}`,
  number,
  source: "hello",
  commit: fakeCommit,
  state: "running",
  service: "hello",
  steps: [{ name: "unit tests", state: "running" }],
  remarks: [],
  createdAt: now,
});

export const fakeRelease = (number: number): GivenOf<"releases">["releases"][number] => ({
  service: "hello",
  number,
  buildId: `build-${number}`,
  buildNumber: number,
  source: "hello",
  commit: fakeCommit,
  image,
  createdAt: now,
});

export const fakePlan = (release: number): GivenOf<"plan"> => ({
  service: "hello",
  environment: "integration",
  release,
  image: `${image.repository}@${image.digest}`,
  reason: "deploy",
  strategy: "rolling",
  skipped: [],
  holds: ["environment lock integration/hello"],
  expectedSeconds: 34,
  warnings: [],
  batches: [
    { hosts: [{ name: "web-1", from: 1, pull: true }], inServiceMeanwhile: 1 },
    { hosts: [{ name: "web-2", from: 1, pull: false }], inServiceMeanwhile: 1 },
  ],
  upToDate: [],
  minHealthy: 1,
  inService: 2,
  steps: ["pull the image on web-1", "drain web-1 at haproxy hello"],
  refusals: [],
});

export const fakeRollout = (number: number): GivenOf<"deploy"> => ({
  id: `rollout-${number}`,
  number,
  service: "hello",
  environment: "integration",
  release: 2,
  previousRelease: 1,
  reason: "deploy",
  by: "ben",
  state: "running",
  createdAt: now,
  startedAt: now,
});

export const fakePause = (number = 1): NonNullable<GivenOf<"deploy">["pause"]> => ({
  number,
  why: "failure",
  message: "web-2 did not become healthy",
  error: {
    code: "check.unhealthy",
    message: "web-2 did not become healthy",
    advice: "Read it.",
    host: "web-2",
    lastLines: "Error: no such table",
  },
  hosts: ["web-2"],
  choices: ["retry", "exclude", "put-back", "abort"],
  since: now,
  until: "2026-11-24T10:00:00.000Z",
});

export const fakeReceipt = (number: number): NonNullable<GivenOf<"deploy">["receipt"]> => ({
  version: 2,
  rollout: number,
  service: "hello",
  environment: "integration",
  release: 2,
  previousRelease: 1,
  commit: fakeCommit.sha,
  image: `${image.repository}@${image.digest}`,
  by: "ben",
  outcome: "succeeded",
  startedAt: now,
  endedAt: "2026-11-23T10:00:12.000Z",
  seconds: 12,
  prober: { requests: 1200, failed: 0, cut: 0 },
  balancers: { requests: 2400, failed: 0, cut: 0 },
  longestDrainMs: 120,
  hosts: [
    { host: "web-1", outcome: "released", stepsMs: { drain: 120, replace: 300, check: 2000, admit: 40 }, repeated: 0 },
    { host: "web-2", outcome: "released", stepsMs: { drain: 80, replace: 310, check: 2100, admit: 41 }, repeated: 1 },
  ],
});
