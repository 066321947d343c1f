import { SlipwayError } from "#core/errors.ts";
import type { Clock } from "#ports/clock.ts";
import { NoAnswer } from "./runtime-socket.ts";

/** A restart of HAProxy takes well under a second; that of its machine, or of the bastion, some ten. */
export const outageLimitMs = 60_000;
const retryMs = 250;

export type PatientDeps = {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly outageMs: number;
  /** Hears of every answer that did not come, in words. */
  readonly onTrouble?: ((words: string) => void) | undefined;
};

/**
 * Asks again for as long as there is no answer at all, until it has been so for `outageMs` or the signal is aborted.
 * Complaints are answers: a name that HAProxy does not know, or a socket without rights, fails at once.
 */
export async function patiently<T>(ask: () => Promise<T>, deps: PatientDeps): Promise<T> {
  const { clock, signal, outageMs, onTrouble } = deps;
  const endsAt = clock.now() + outageMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (signal.aborted || !isSilence(error) || clock.now() + retryMs > endsAt) throw error;
      onTrouble?.(error.message);
      await clock.sleep(retryMs, signal);
    }
  }
}

/** The way to it may be what is down. */
const isSilence = (error: unknown): error is SlipwayError =>
  error instanceof NoAnswer ||
  (error instanceof SlipwayError && (error.code === "host.unreachable" || error.code === "bastion.unreachable"));
