import { type ErrorRecord, SlipwayError } from "#core/errors.ts";
import type { Outcome } from "#engine/run.ts";

/** Deadlines by the wall clock, or by the clock of a simulation. */
export type Timers = { after(ms: number, then: () => void): () => void };

/** The wall clock's. */
export const realTimers: Timers = {
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};

/** How long a stop waits for acts that were told to end. */
const stopGraceMs = 5_000;

/** How long an act may take to end after its deadline; one that does not heed its signal is then left to itself. */
export const deadlineGraceMs = 30_000;

/**
 * The acts that are under way in this process. An act that ends because the process stops never settles for its
 * caller: nothing of it may be recorded, as its outcome says nothing about the world.
 */
export class ActsUnderWay {
  readonly #timers: Timers;
  /** Each with what ends it: an `AbortSignal.any` would keep whatever listens to it for as long as the process lives. */
  readonly #acts = new Map<Promise<unknown>, AbortController>();
  #isStopping = false;

  constructor(timers: Timers = realTimers) {
    this.#timers = timers;
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Does the act with a deadline and gives its outcome as plain data; a stop makes it never settle. */
  async perform<T>(name: string, timeoutMs: number, act: (signal: AbortSignal) => Promise<T>): Promise<Outcome<T>> {
    if (this.isStopping) return never();
    const end = new AbortController();
    const clear = this.#timers.after(timeoutMs, () => end.abort(deadlineError(name, timeoutMs)));
    const left = Promise.withResolvers<Outcome<T>>();
    const clearGrace = this.#timers.after(timeoutMs + deadlineGraceMs, () =>
      left.resolve({ ok: false, error: deadlineError(name, timeoutMs).toRecord() }),
    );
    const doing = outcomeOf(act(end.signal));
    this.#acts.set(doing, end);
    try {
      const outcome = await Promise.race([doing, left.promise]);
      return this.isStopping ? await never<Outcome<T>>() : outcome;
    } finally {
      clear();
      clearGrace();
      this.#acts.delete(doing);
    }
  }

  /** Resolves when the acts have ended, or when the grace is over. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const end of this.#acts.values()) end.abort(new Error("the server stops"));
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, stopGraceMs);
    });
    await Promise.race([Promise.allSettled(this.#acts.keys()), grace]);
    clearTimeout(timer);
  }
}

const never = <T>(): Promise<T> => new Promise<T>(() => {});

const deadlineError = (name: string, timeoutMs: number) =>
  new SlipwayError("deadline.exceeded", `The act "${name}" did not end within ${timeoutMs / 1000} s.`);

/** Settles with a record of success or failure; never rejects. */
export async function outcomeOf<T>(doing: Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await doing };
  } catch (thrown) {
    return { ok: false, error: recordOf(thrown) };
  }
}

export function unwrap<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw SlipwayError.fromRecord(outcome.error);
}

const recordOf = (thrown: unknown): ErrorRecord => {
  const error = SlipwayError.from(thrown);
  if (error.code !== "fault") return error.toRecord();
  const at = thrown instanceof Error ? (thrown.stack ?? "").split("\n").slice(1, 4).join("\n") : "";
  return { ...error.toRecord(), ...(at ? { lastLines: at } : {}) };
};
