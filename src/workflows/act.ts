import { SlipwayError } from "#core/errors.ts";
import type { Run } from "#engine/run.ts";
import { type ActPlace, actName } from "#workflows/act-place.ts";
import { stallMs, watchAct } from "#workflows/watch-act.ts";
import type { World } from "#workflows/world.ts";

export type Doing = {
  readonly signal: AbortSignal;
  /** Says what is going on; also that something moves. */
  readonly progress: (message: string) => void;
  /** Something moves, and there is nothing to say of it. */
  readonly beat: () => void;
  /** The number of this try: a host refuses what an earlier one still wants. */
  readonly turn: number;
};

export type HowToAct<T> = {
  readonly timeoutMs: number;
  /** So long without progress ends the act. */
  readonly stallMs?: number;
  readonly doing: (doing: Doing) => Promise<T>;
};

/**
 * One recorded act of a rollout: a step of the run that also writes its beginning, progress and end to the timeline.
 * A person's cancel ends what goes forward, whatever it is doing. An act that the stop of the server interrupts writes
 * no end: it has none yet.
 */
export function act<T>(run: Run, world: World, place: ActPlace, how: HowToAct<T>): Promise<T> {
  return run.step(actName(place), how.timeoutMs, async (deadline) => {
    const [turn] = await Promise.all([world.turns.next(), world.timeline.append({ ...place, phase: "started" })]);
    const limits = { isCancellable: isCancellable(place), stallMs: how.stallMs ?? stallMs };
    const watch = watchAct(world, place, deadline, limits);
    const telling = progressWriter(world, place, watch.beat);
    const { signal, beat } = watch;
    try {
      const value = await how.doing({ signal, progress: telling.write, beat, turn });
      await telling.settled();
      await world.timeline.append({ ...place, phase: "succeeded" });
      return value;
    } catch (thrown) {
      if (isStopped(signal)) throw thrown;
      const error = maskedError(world, place, watch.ended() ?? thrown);
      await telling.settled();
      await world.timeline.append({ ...place, phase: "failed", message: error.message, error: error.toRecord() });
      throw error;
    } finally {
      watch.stop();
    }
  });
}

/** What puts back or ends a rollout is no longer in a person's way. */
const isCancellable = ({ direction, step }: ActPlace): boolean =>
  direction === "forward" || (direction === undefined && goesForward.has(step));

const goesForward: ReadonlySet<ActPlace["step"]> = new Set(["prepare", "canary", "switch", "verify"]);

/** A part of an act that belongs to one host, for people to see: only the act is recorded and repeated. */
export async function partOfAct<T>(
  world: World,
  place: ActPlace,
  signal: AbortSignal,
  part: () => Promise<T>,
): Promise<T> {
  await world.timeline.append({ ...place, phase: "started" });
  try {
    const value = await part();
    await world.timeline.append({ ...place, phase: "succeeded" });
    return value;
  } catch (thrown) {
    if (isStopped(signal)) throw thrown;
    const error = maskedError(world, place, thrown);
    await world.timeline.append({ ...place, phase: "failed", message: error.message, error: error.toRecord() });
    throw thrown;
  }
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
function progressWriter(world: World, place: ActPlace, beat: () => void) {
  let last = "";
  let writing: Promise<unknown> = Promise.resolve();
  const write = (message: string) => {
    beat();
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
