import { type SteerAction, steerActions } from "#core/rollout.ts";
import type { RolloutSpec } from "#core/service.ts";
import { fc } from "#test/seeded-check.ts";
import { type Fault, faultKinds } from "./faults.ts";

export const programKinds = [
  "good",
  "slow",
  "unhealthy",
  "exits",
  "bad-somewhere",
  "goes-bad",
  "flaps",
  "errors",
  "long-requests",
] as const;
export type ProgramKind = (typeof programKinds)[number];

export const wishes = ["pause", "cancel", "roll-back", "commit", "add-host", "late-command", "correct"] as const;
export type Intervention = {
  readonly wish: (typeof wishes)[number];
  readonly atMs: number;
  readonly program: ProgramKind;
};

/** All that is random about one run, as plain values that fast-check can make smaller. */
export type Scenario = {
  readonly hosts: number;
  readonly balancers: number;
  readonly hasSecondPlaces: boolean;
  readonly hasHealthCheck: boolean;
  /** Hosts on which nothing runs at the beginning, or that somebody has in maintenance. */
  readonly downAtFirst: number;
  readonly offAtFirst: number;
  readonly program: ProgramKind;
  readonly rollout: Partial<RolloutSpec>;
  readonly interventions: readonly Intervention[];
  readonly faults: readonly Fault[];
  /** Points passed between one death and the next. */
  readonly kills: readonly number[];
  readonly restartMs: number;
  readonly choices: readonly SteerAction[];
  readonly chooseAfterMs: number;
};

const often = <T>(usual: T, rare: fc.Arbitrary<T>, weight = 3) =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: rare });

const quantity = fc.oneof(
  fc.record({ hosts: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ percent: fc.integer({ min: 1, max: 100 }) }),
);

const canary = fc.record({
  hosts: fc.record({ hosts: fc.integer({ min: 1, max: 2 }) }),
  bakeMs: fc.constantFrom(2_000, 30_000),
  maxErrorPercent: fc.constantFrom(1, 20),
  minRequests: fc.constantFrom(0, 10, 100_000),
  commands: fc.constant([]),
  queries: fc.constant([]),
});

const rollout = fc
  .record({
    strategy: fc.constantFrom(
      "rolling" as const,
      "rolling" as const,
      "canary" as const,
      "blue-green" as const,
      "all-at-once" as const,
    ),
    batch: often({ hosts: 1 }, quantity, 1),
    minHealthy: often(undefined, quantity, 4),
    bakeMs: fc.constantFrom(0, 0, 5_000, 60_000),
    onFailure: fc.constantFrom("put-back" as const, "put-back" as const, "pause" as const, "continue" as const),
    maxFailures: fc.integer({ min: 0, max: 3 }),
    pauseTimeoutMs: fc.constant(3_600_000),
    onNewerCommit: fc.constantFrom("re-aim" as const, "re-aim" as const, "finish" as const),
    onUnreachable: fc.constantFrom("refuse" as const, "skip" as const),
    onDrainTimeout: fc.constant("fail" as const),
    maxErrorPercent: fc.constantFrom(1, 10),
    keepOldMs: fc.constantFrom(0, 20_000, 600_000),
    canary,
  })
  .map(({ minHealthy, ...spec }): Partial<RolloutSpec> => (minHealthy ? { ...spec, minHealthy } : spec));

/** Most rollouts last some 2 s a host; what comes later meets none. */
const soon = (hosts: number) => fc.integer({ min: 0, max: Math.min(60_000, 1_500 + hosts * 2_500) });

export type Size = { readonly hosts: fc.Arbitrary<number>; readonly quiet?: boolean };

/** Most worlds fit the strategy: a refusal is soon told. */
export const scenarios = (size: Size): fc.Arbitrary<Scenario> =>
  fc.tuple(anyScenarios(size), fc.integer({ min: 0, max: 9 })).map(([scenario, fit]) => {
    const { strategy } = scenario.rollout;
    // Somebody's maintenance of one place says nothing of the other, which blue-green switches to.
    const off = strategy === "blue-green" ? 0 : scenario.offAtFirst;
    // A balancer that restarts forgets what somebody had switched off, and nobody can say what it should be then.
    const faults = off === 0 ? scenario.faults : scenario.faults.filter(({ kind }) => kind !== "balancer-restart");
    if (fit === 0) return { ...scenario, faults, offAtFirst: off };
    const balancers = strategy === "all-at-once" ? 0 : Math.max(1, scenario.balancers);
    const hasSecondPlaces = strategy === "blue-green" || scenario.hasSecondPlaces;
    return { ...scenario, balancers, hasSecondPlaces, faults, offAtFirst: off };
  });

const anyScenarios = ({ hosts, quiet = false }: Size): fc.Arbitrary<Scenario> =>
  hosts.chain((count) =>
    fc.record({
      hosts: fc.constant(count),
      balancers: fc.constantFrom(1, 1, 1, 2, 2, 0),
      hasSecondPlaces: fc.boolean(),
      hasHealthCheck: often(true, fc.constant(false), 12),
      downAtFirst: often(0, fc.integer({ min: 0, max: 2 }), 5),
      offAtFirst: often(0, fc.integer({ min: 0, max: 1 }), 5),
      program: often<ProgramKind>("good", fc.constantFrom(...programKinds), 2),
      rollout,
      interventions: fc.array(
        fc.record({
          wish: fc.constantFrom(...wishes),
          atMs: soon(count),
          program: often<ProgramKind>("good", fc.constantFrom(...programKinds), 2),
        }),
        { maxLength: 4, size: "max" },
      ),
      faults: fc.array(
        fc.record({
          kind: fc.constantFrom(...faultKinds),
          host: fc.nat({ max: count - 1 }),
          atMs: soon(count),
          forMs: fc.constantFrom(200, 3_000, 120_000),
        }),
        { maxLength: quiet ? 0 : 3, size: "max" },
      ),
      kills: fc.array(fc.integer({ min: 0, max: 40 + 10 * count }), { maxLength: 4, size: "max" }),
      restartMs: fc.constantFrom(200, 1_000, 3_000),
      choices: fc.array(fc.constantFrom(...steerActions), { maxLength: 4, size: "max" }),
      chooseAfterMs: fc.constantFrom(100, 5_000, 7_200_000),
    }),
  );
