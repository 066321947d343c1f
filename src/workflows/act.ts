import { SlipwayError } from "#core/errors.ts";
import type { TimelineEvent } from "#core/rollout.ts";
import type { Run } from "#engine/run.ts";
import type { World } from "#workflows/world.ts";

export type ActPlace = Pick<TimelineEvent, "rolloutId" | "step"> & Partial<Pick<TimelineEvent, "host" | "direction">>;

export type Doing = {
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
  /** The number of this try: a host refuses what an earlier one still wants. */
  readonly turn: number;
};

/**
 * One recorded act of a rollout: a step of the run that also writes its beginning, progress and end to the timeline.
 * An act that the stop of the server interrupts writes no end: it has none yet.
 */
export function act<T>(
  run: Run,
  world: World,
  place: ActPlace,
  how: { timeoutMs: number; doing: (doing: Doing) => Promise<T> },
): Promise<T> {
  const name = [place.direction, place.host, place.step].filter(Boolean).join(" ");
  return run.step(name, how.timeoutMs, async (signal) => {
    const [turn] = await Promise.all([world.turns.next(), world.timeline.append({ ...place, phase: "started" })]);
    const progress = progressWriter(world, place);
    try {
      const value = await how.doing({ signal, progress: progress.write, turn });
      await progress.settled();
      await world.timeline.append({ ...place, phase: "succeeded" });
      return value;
    } catch (thrown) {
      if (isStopped(signal)) throw thrown;
      const error = maskedError(world, place, thrown);
      await progress.settled();
      await world.timeline.append({ ...place, phase: "failed", message: error.message, error: error.toRecord() });
      throw error;
    }
  });
}

/** True when the signal was aborted by the stop of the server and not by the act's own deadline. */
const isStopped = (signal: AbortSignal): boolean => signal.aborted && !(signal.reason instanceof SlipwayError);

function maskedError(world: World, place: ActPlace, thrown: unknown): SlipwayError {
  const { code, message, advice, ...details } = SlipwayError.from(thrown).toRecord();
  const masked = Object.fromEntries(Object.entries(details).map(([key, text]) => [key, world.mask(text)]));
  const host = place.host === undefined ? {} : { host: place.host };
  return new SlipwayError(code, world.mask(message), { ...host, ...masked, advice, cause: thrown });
}

/** Progress is for people: the same words twice in a row are written once, and a lost line stops nothing. */
function progressWriter(world: World, place: ActPlace) {
  let last = "";
  let writing: Promise<unknown> = Promise.resolve();
  const write = (message: string) => {
    const masked = world.mask(message);
    if (masked === last) return;
    last = masked;
    const append = () => world.timeline.append({ ...place, phase: "progress", message: masked });
    writing = writing.then(append, append);
  };
  const settled = () => writing.then(ignore, ignore);
  return { write, settled };
}

/** A progress line that could not be written is lost; the act's own end will meet the same database. */
const ignore = () => {};
