import type { Clock } from "#ports/clock.ts";

const tryTimeoutMs = 10_000;
const maxTries = 6;
const firstPauseMs = 500;
const maxPauseMs = 30_000;
const answerLimitBytes = 64 * 1024;

export type Letter = { readonly url: URL; readonly body: string; readonly headers: () => Record<string, string> };

/** What became of one try. `again`: the receiver may take it later. */
type Outcome = {
  readonly words: string;
  readonly isAccepted: boolean;
  readonly again: boolean;
  readonly pauseMs?: number;
};

/** Resolves with `undefined` when it was accepted, else with the reason of the last try. */
export async function deliver(letter: Letter, clock: Clock, signal: AbortSignal): Promise<string | undefined> {
  let pauseMs = firstPauseMs;
  for (let tries = 1; ; tries++) {
    const outcome = await tryOnce(letter, signal);
    if (outcome.isAccepted) return undefined;
    if (!outcome.again || tries >= maxTries || signal.aborted) return `${outcome.words} (try ${tries})`;
    try {
      await clock.sleep(Math.min(outcome.pauseMs ?? pauseMs, maxPauseMs), signal);
    } catch {
      // The signal's deadline is over: what the receiver said last is worth more to a person than that.
      return `${outcome.words} (try ${tries}, no time for another)`;
    }
    pauseMs *= 2;
  }
}

async function tryOnce({ url, body, headers }: Letter, signal: AbortSignal): Promise<Outcome> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(tryTimeoutMs)]);
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", "user-agent": "slipway", ...headers() },
      // A receiver that has moved must be told to Slipway; a signed message goes nowhere else.
      redirect: "manual",
      signal: limit,
    });
    const said = await readStart(response);
    if (response.ok) return { words: "accepted", isAccepted: true, again: false };
    const again = response.status >= 500 || response.status === 429 || response.status === 408;
    const after = Number(response.headers.get("retry-after"));
    const words = `answered ${response.status}${said && `: ${said}`}`;
    return { words, isAccepted: false, again, ...(after > 0 ? { pauseMs: after * 1_000 } : {}) };
  } catch (error) {
    return { words: networkWords(error), isAccepted: false, again: true };
  }
}

/** The first words of at most 64 KiB; a receiver that sends without end is left. */
async function readStart(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= answerLimitBytes) break;
  }
  return text.replaceAll(/\s+/g, " ").trim().slice(0, 200);
}

/** `fetch` hides what happened in its error's cause. */
function networkWords(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
