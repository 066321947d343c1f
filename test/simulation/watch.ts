import type { Rollout, TimelineEvent } from "#core/rollout.ts";
import type { KillPoint } from "#engine/memory-engine.ts";
import type { Notice } from "#ports/notices.ts";
import type { Hold } from "#ports/records.ts";
import type { MemoryRecords } from "#simulator/memory-records.ts";
import type { FleetWatch, SimulatedFleet } from "#simulator/simulated-fleet.ts";
import type { VirtualClock } from "#simulator/virtual-clock.ts";

/** What a rule hears, each at the moment at which it happens. */
export type Ears = FleetWatch & {
  readonly onEvent?: (event: TimelineEvent) => void;
  readonly onRollout?: (now: Rollout, before: Rollout | undefined) => void;
  readonly onPoint?: (point: KillPoint) => void;
  readonly onDeath?: () => void;
  readonly onNotice?: (notice: Notice) => void;
  /** Nothing will ever happen any more. */
  readonly onEnd?: () => void;
};

/** What a rule may look at, and where it says what it saw. */
export type Stand = {
  readonly fleet: SimulatedFleet;
  readonly clock: VirtualClock;
  /** All rollouts, oldest first. */
  readonly rollouts: ReadonlyMap<string, Rollout>;
  readonly holds: ReadonlyMap<string, Hold>;
  /** Servers that somebody else has in maintenance, as `<balancer>/<server>`. */
  readonly othersOff: ReadonlySet<string>;
  /** How often the server died so far. */
  readonly deaths: () => number;
  /** How often it was started so far. */
  readonly starts: () => number;
  /** Grows with every call: tells what came first at the same moment. */
  readonly order: () => number;
  readonly say: (words: string) => void;
};

export type Rule = (stand: Stand) => Ears;
export type Violation = { readonly rule: string; readonly words: string };

/** Lets every rule hear everything, and gathers what they say. */
export class Watch {
  readonly violations: Violation[] = [];
  readonly rollouts = new Map<string, Rollout>();
  readonly holds = new Map<string, Hold>();
  readonly othersOff = new Set<string>();
  deaths = 0;
  starts = 0;
  readonly #ears: readonly Ears[];
  #order = 0;

  constructor(rules: Readonly<Record<string, Rule>>, world: Pick<Stand, "fleet" | "clock">) {
    const { rollouts, holds, othersOff } = this;
    const order = () => ++this.#order;
    const counts = { order, deaths: () => this.deaths, starts: () => this.starts };
    const shared = { ...world, rollouts, holds, othersOff, ...counts };
    this.#ears = Object.entries(rules).map(([name, rule]) => rule({ ...shared, say: this.#sayFor(name) }));
    world.fleet.watch = {
      onTurn: (...what) => this.tell("onTurn", ...what),
      onLoss: (...what) => this.tell("onLoss", ...what),
      onCommand: (...what) => this.tell("onCommand", ...what),
      onContainer: (...what) => this.tell("onContainer", ...what),
      onAnswer: (...what) => this.tell("onAnswer", ...what),
    };
  }

  tell<E extends keyof Ears>(event: E, ...what: Parameters<NonNullable<Ears[E]>>): void {
    for (const ears of this.#ears) (ears[event] as ((...what: unknown[]) => void) | undefined)?.(...what);
  }

  /** The records, overheard. */
  overhear(records: MemoryRecords): MemoryRecords {
    const note = (now: Rollout): Rollout => {
      const before = this.rollouts.get(now.id);
      this.rollouts.set(now.id, now);
      if (before !== now) this.tell("onRollout", now, before);
      return now;
    };
    const { rollouts, timeline, holds } = records;
    return {
      ...records,
      rollouts: {
        ...rollouts,
        create: async (wish) => {
          const made = note(await rollouts.create(wish));
          // Those that waited have made way.
          for (const other of await rollouts.list({}, 1_000)) note(other);
          return made;
        },
        update: async (id, change) => note(await rollouts.update(id, change)),
      },
      timeline: {
        ...timeline,
        append: async (wish) => {
          const event = await timeline.append(wish);
          this.tell("onEvent", event);
          return event;
        },
      },
      holds: {
        ...holds,
        take: async (hold) => {
          await holds.take(hold);
          if (!this.holds.has(hold.id)) this.holds.set(hold.id, hold);
        },
        release: async (id, asSeen) => {
          const isGone = await holds.release(id, asSeen);
          if (isGone) this.holds.delete(id);
          return isGone;
        },
      },
    };
  }

  #sayFor(rule: string): (words: string) => void {
    return (words) => {
      if (this.violations.length < 50) this.violations.push({ rule, words });
    };
  }
}
