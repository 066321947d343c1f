import { SlipwayError } from "#core/errors.ts";
import { type ActPlace, actName } from "#workflows/act-place.ts";
import { cancelledError } from "#workflows/cancelled.ts";
import type { World } from "#workflows/world.ts";

const lookEveryMs = 1_000;
/** So long without a word is worth one: of the host and the act it names. Again when it has become twice as long. */
const quietMs = 60_000;
/** So long without a word ends the act, and a person is asked. */
export const stallMs = 10 * 60_000;

export type ActWatch = {
  /** Aborted by the act's own deadline, by a person's cancel, or because nothing moved. */
  readonly signal: AbortSignal;
  /** Something moved. */
  beat(): void;
  /** Why the watch has ended the act, if it has. */
  ended(): SlipwayError | undefined;
  stop(): void;
};

export type ActLimits = {
  /** A person's cancel ends it in the middle: what it had changed is put back. */
  readonly isCancellable: boolean;
  /** Without an end for commands of the user, which have a time limit of their own and may be silent. */
  readonly stallMs: number;
};

/**
 * Looks after one act while it is under way: a person who cancels is not kept waiting for its deadline, and an act in
 * which nothing moves says so, and is ended before it holds up everything.
 */
export function watchAct(world: World, place: ActPlace, deadline: AbortSignal, limits: ActLimits): ActWatch {
  const end = new AbortController();
  const over = new AbortController();
  const ownEnd = () => (end.signal.reason instanceof SlipwayError ? end.signal.reason : undefined);
  const passOn = () => end.abort(deadline.reason);
  if (deadline.aborted) passOn();
  deadline.addEventListener("abort", passOn, { once: true, signal: over.signal });
  const quiet = new Quiet(world, place);
  const look = async () => {
    for (;;) {
      await world.clock.sleep(lookEveryMs, over.signal);
      if (limits.isCancellable && (await isCancelled(world, place))) return end.abort(cancelledError());
      const silentMs = await quiet.look();
      if (silentMs >= limits.stallMs) return end.abort(stalled(place, silentMs));
    }
  };
  look().catch(() => "the act has ended, as the sleep has");
  return {
    signal: end.signal,
    beat: () => quiet.beat(),
    ended: () => (deadline.aborted ? undefined : ownEnd()),
    stop: () => over.abort(),
  };
}

/** A look that fails says nothing: the act's own end meets the same database. */
const isCancelled = async (world: World, { rolloutId }: ActPlace): Promise<boolean> => {
  const kept = await world.rollouts.get(rolloutId).catch(() => undefined);
  return kept?.cancelledBy !== undefined;
};

const stalled = (place: ActPlace, silentMs: number) =>
  new SlipwayError("act.stalled", `"${actName(place)}" made no progress for ${Math.round(silentMs / 60_000)} min.`, {
    ...(place.host === undefined ? {} : { host: place.host }),
  });

/** How long nothing moved, told when it is long. */
class Quiet {
  readonly #world: World;
  readonly #place: ActPlace;
  #lastAt: number;
  #tellAfterMs = quietMs;

  constructor(world: World, place: ActPlace) {
    this.#world = world;
    this.#place = place;
    this.#lastAt = world.clock.now();
  }

  beat(): void {
    this.#lastAt = this.#world.clock.now();
    this.#tellAfterMs = quietMs;
  }

  async look(): Promise<number> {
    const silentMs = this.#world.clock.now() - this.#lastAt;
    if (silentMs < this.#tellAfterMs) return silentMs;
    this.#tellAfterMs *= 2;
    const message = `no progress for ${Math.round(silentMs / 1_000)} s: ${actName(this.#place)}`;
    await this.#world.timeline.append({ ...this.#place, phase: "progress", message }).catch(() => "told next time");
    return silentMs;
  }
}
