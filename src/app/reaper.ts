import { SlipwayError } from "#core/errors.ts";
import { isFinal } from "#core/rollout.ts";
import { sideBySide } from "#core/side-by-side.ts";
import type { Engine } from "#engine/run.ts";
import type { Hold } from "#ports/records.ts";
import { canServe, giveBackDrains, isAtPlace, tellReaped } from "#workflows/give-back-drains.ts";
import { giveBackHold } from "#workflows/give-back-hold.ts";
import { leaseMs } from "#workflows/leases.ts";
import type { World } from "#workflows/world.ts";
import { rolloutQueue } from "./start-rollout.ts";

const lookEveryMs = 15_000;
/** A reaper that has seen nothing for so long knows nothing of who lives: every lease is given its whole length again. */
const blindAfterMs = 60_000;
const giveBackTimeoutMs = 60_000;
const hostTimeoutMs = 10_000;
/** One that does not answer keeps few others waiting, and nobody is asked by hundreds at once. */
const workers = 8;

/**
 * Gives back what a dead rollout switched off, whatever became of it: a loop of its own that knows nothing of rollouts
 * but their records. A rollout is dead when it has ended, or when nobody has renewed its leases. Every act may be
 * repeated, and a record goes only after its act, and only where it is still as it was seen. No failure ends the loop,
 * and it waits for nothing that waits for a person.
 */
export class Reaper {
  readonly #world: World;
  readonly #engine: Engine;
  readonly #say: (line: string) => void;
  readonly #stopping = new AbortController();
  /** Since when it has seen without a gap. */
  #seesSince: number;
  #lastSight: number;
  #loop: Promise<void> = Promise.resolve();
  #times = 0;
  /** Places whose drains are being given back, or wait for their turn in the queue. */
  readonly #busy = new Set<string>();
  /** The last failure of each subject: it is said once, not every 15 s. */
  readonly #said = new Map<string, string>();

  constructor(world: World, engine: Engine, say: (line: string) => void) {
    this.#world = world;
    this.#engine = engine;
    this.#say = say;
    this.#seesSince = this.#lastSight = world.clock.now();
  }

  start(): void {
    this.#loop = this.#live();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error("the server stops"));
    await this.#loop;
  }

  async #live(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#world.clock.sleep(lookEveryMs, signal).catch(() => "it stops");
      if (!signal.aborted) await this.look();
    }
  }

  /** Everything that a dead rollout holds and that can be given back now is given back, or is about to be. Never rejects. */
  async look(): Promise<void> {
    await this.#try("the holds", async () => {
      const dead = await this.#dead();
      const drains = dead.filter(({ kind }) => kind === "drain");
      const others = dead.filter(({ kind }) => kind !== "drain");
      await sideBySide(others, workers, (hold) => this.#giveBack(hold));
      const places = new Map(drains.map((hold) => [placeOf(hold), hold]));
      for (const hold of places.values())
        await this.#try(`drains of ${placeOf(hold)}`, () => this.#giveBackDrains(hold, drains));
    });
  }

  async #dead(): Promise<Hold[]> {
    const holds = await this.#world.holds.all();
    const ids = [...new Set(holds.map(({ rolloutId }) => rolloutId))].filter((id) => id !== "");
    const kept = await sideBySide(ids, workers, async (id) => this.#world.rollouts.get(id));
    const alive = new Set(kept.flatMap((rollout) => (rollout && !isFinal(rollout.state) ? [rollout.id] : [])));
    const now = this.#noteSight();
    return holds.filter(({ rolloutId, until }) => {
      const hasEnded = Date.parse(until) < now;
      if (rolloutId === "") return hasEnded;
      return !alive.has(rolloutId) || (hasEnded && now - this.#seesSince > leaseMs);
    });
  }

  /** After a start of the server or an outage of the records living rollouts renew their leases first. */
  #noteSight(): number {
    const now = this.#world.clock.now();
    if (now - this.#lastSight > blindAfterMs) this.#seesSince = now;
    this.#lastSight = now;
    return now;
  }

  #giveBack(hold: Hold): Promise<void> {
    return this.#try(`${hold.kind} ${hold.subject}`, async () => {
      const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(giveBackTimeoutMs)]);
      if (!(await giveBackHold(this.#world, hold, { signal, asSeen: true }))) return;
      const message = `${hold.kind} ${hold.subject} was given back by the reaper`;
      this.#say(message);
      await tellReaped(this.#world, hold, message);
    });
  }

  /** Only where a host can serve, and only between rollouts of the place. It is not waited for: the queue may be long. */
  async #giveBackDrains(hold: Hold, dead: readonly Hold[]): Promise<void> {
    const { service, environment } = hold;
    const place = placeOf(hold);
    if (this.#busy.has(place)) return;
    const open = await this.#world.rollouts.list({ service, environment, states: ["waiting", "running", "paused"] }, 1);
    if (open.length > 0) return;
    const drains = dead.filter((other) => isAtPlace(other, hold));
    const able = await sideBySide(drains, workers, (drain) => this.#canServe(drain));
    if (!able.includes(true)) return;
    const id = `give-back/${environment}/${service}/${this.#world.incarnation}/${++this.#times}`;
    this.#busy.add(place);
    void this.#try(`drains of ${place}`, async () => {
      try {
        await this.#engine.start(giveBackDrains(this.#world), id, { service, environment }, rolloutQueue(hold));
        const given = await this.#engine.result<readonly string[]>(id);
        for (const subject of given) this.#say(`${subject} serves again: the reaper gave its drain back`);
      } finally {
        this.#busy.delete(place);
      }
    });
  }

  async #canServe(hold: Hold): Promise<boolean> {
    try {
      const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(hostTimeoutMs)]);
      return await canServe(this.#world, hold, signal);
    } catch {
      // A host that cannot be looked at stays drained; its page says so as a drift.
      return false;
    }
  }

  async #try(subject: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
      this.#said.delete(subject);
    } catch (thrown) {
      const { message } = SlipwayError.from(thrown);
      if (this.#stopping.signal.aborted || this.#said.get(subject) === message) return;
      this.#said.set(subject, message);
      this.#say(`the reaper could not give back ${subject}, and tries again: ${this.#world.mask(message)}`);
    }
  }
}

const placeOf = ({ environment, service }: Hold): string => `${environment}/${service}`;
