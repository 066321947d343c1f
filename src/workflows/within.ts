import { SlipwayError } from "#core/errors.ts";
import type { World } from "#workflows/world.ts";

/** Does the act with a deadline of its own inside that of the whole; at the deadline it is aborted with the error. */
export async function within<T>(
  world: World,
  { timeoutMs, error }: { timeoutMs: number; error: () => SlipwayError },
  signal: AbortSignal,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const ended = new AbortController();
  const isLate = () => deadline.abort(error());
  world.clock.sleep(timeoutMs, AbortSignal.any([signal, ended.signal])).then(isLate, () => "the act ended first");
  try {
    return await act(AbortSignal.any([signal, deadline.signal]));
  } finally {
    ended.abort();
  }
}

/** True when the signal was aborted by a deadline and not by the stop of the server. */
export const isDeadline = (signal: AbortSignal): boolean => signal.aborted && signal.reason instanceof SlipwayError;
