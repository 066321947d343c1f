import { SlipwayError } from "#core/errors.ts";
import { isFinal } from "#core/rollout.ts";
import type { Engine } from "#engine/run.ts";
import type { Hold } from "#ports/records.ts";
import { canServe, giveBackDrains } from "#workflows/give-back-drains.ts";
import { giveBackHold } from "#workflows/give-back-hold.ts";
import { leaseMs } from "#workflows/leases.ts";
import type { World } from "#workflows/world.ts";
import { amendReceipt } from "#workflows/write-receipt.ts";
import { rolloutQueue } from "./start-rollout.ts";

const lookEveryMs = 15_000;
const giveBackTimeoutMs = 60_000;

/**
 * Gives back what a dead rollout switched off, whatever became of it: a loop of its own that knows nothing of rollouts
 * but their records. A rollout is dead when it has ended, or when nobody has renewed its leases. Every act may be
 * repeated, and a record goes only after its act.
 */
export class Reaper {
  readonly #world: World;
  readonly #engine: Engine;
  readonly #say: (line: string) => void;
  readonly #stopping = new AbortController();
  readonly #bornAt: number;
  #loop: Promise<void> = Promise.resolve();
  #times = 0;

  constructor(world: World, engine: Engine, say: (line: string) => void) {
    this.#world = world;
    this.#engine = engine;
    this.#say = say;
    this.#bornAt = world.clock.now();
  }

  start(): void {
    this.#loop = this.#live().catch((thrown) => {
      if (!this.#stopping.signal.aborted) this.#say(`the reaper ended: ${SlipwayError.from(thrown).message}`);
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error("the server stops"));
    await this.#loop;
  }

  async #live(): Promise<void> {
    for (;;) {
      await this.#world.clock.sleep(lookEveryMs, this.#stopping.signal);
      await this.look();
    }
  }

  /** Everything that a dead rollout holds and that can be given back now is given back. */
  async look(): Promise<void> {
    const dead: Hold[] = [];
    for (const hold of await this.#world.holds.all()) if (await this.#isDead(hold)) dead.push(hold);
    for (const hold of dead) if (hold.kind !== "drain") await this.#giveBack(hold);
    const places = new Map(dead.filter(({ kind }) => kind === "drain").map((hold) => [placeOf(hold), hold]));
    for (const hold of places.values()) await this.#giveBackDrains(hold, dead);
  }

  /** After a start of the server every lease is given its whole length: resumed rollouts renew theirs first. */
  async #isDead({ rolloutId, until }: Hold): Promise<boolean> {
    const now = this.#world.clock.now();
    const hasEnded = Date.parse(until) < now;
    if (rolloutId === "") return hasEnded;
    const rollout = await this.#world.rollouts.get(rolloutId);
    if (!rollout || isFinal(rollout.state)) return true;
    return hasEnded && now - this.#bornAt > leaseMs;
  }

  async #giveBack(hold: Hold): Promise<void> {
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(giveBackTimeoutMs)]);
    try {
      await giveBackHold(this.#world, hold, signal);
      await this.#tell(hold, `${hold.kind} ${hold.subject} was given back by the reaper`);
    } catch (thrown) {
      if (this.#stopping.signal.aborted) return;
      this.#say(`the reaper could not give ${hold.kind} ${hold.subject} back: ${SlipwayError.from(thrown).message}`);
    }
  }

  /** Only where a host can serve, and only between rollouts of the place. */
  async #giveBackDrains(hold: Hold, dead: readonly Hold[]): Promise<void> {
    const { service, environment } = hold;
    const open = await this.#world.rollouts.list({ service, environment, states: ["waiting", "running", "paused"] }, 1);
    if (open.length > 0) return;
    const drains = dead.filter((other) => other.kind === "drain" && placeOf(other) === placeOf(hold));
    const able: Hold[] = [];
    for (const drain of drains) if (await this.#canServe(drain)) able.push(drain);
    if (able.length === 0) return;
    const id = `give-back/${environment}/${service}/${this.#world.incarnation}/${++this.#times}`;
    await this.#engine.start(giveBackDrains(this.#world), id, { service, environment }, rolloutQueue(hold));
    await this.#engine.result(id);
    const left = new Set((await this.#world.holds.all()).map((other) => other.id));
    for (const drain of able.filter((other) => !left.has(other.id)))
      await this.#tell(drain, `${drain.host ?? drain.subject} serves again: the reaper gave its drain back`);
  }

  async #canServe(hold: Hold): Promise<boolean> {
    try {
      const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(giveBackTimeoutMs)]);
      return await canServe(this.#world, hold, signal);
    } catch {
      // A host that cannot be looked at stays drained; its page says so as a drift.
      return false;
    }
  }

  async #tell({ rolloutId }: Hold, message: string): Promise<void> {
    this.#say(message);
    if (!rolloutId) return;
    await this.#world.timeline.append({ rolloutId, step: "reap", phase: "succeeded", message });
    await amendReceipt(this.#world, rolloutId);
  }
}

const placeOf = ({ environment, service }: Hold): string => `${environment}/${service}`;
