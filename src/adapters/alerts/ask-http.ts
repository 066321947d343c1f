import { boundedText } from "#core/bounded-text.ts";
import { SlipwayError } from "#core/errors.ts";
import type { Secret } from "#core/secret.ts";

const answerTimeoutMs = 10_000;
/** An Alertmanager tells all its silences at once; a thousand of them are about half a MiB. */
const answerLimitBytes = 8 * 1024 * 1024;
const wordsShown = 300;

export type Request = {
  /** For messages. */
  readonly name: string;
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: string;
  readonly body?: unknown;
  readonly bearer?: Secret | undefined;
};

/** The answer's text. Fails with alerts.unreachable where nothing answers, alerts.refused where the answer is a no. */
export async function askHttp({ name, method, url, body, bearer }: Request, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const { status, text } = await answerOf(name, url, signal, {
    method,
    redirect: "error",
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(bearer ? { authorization: `Bearer ${bearer.reveal()}` } : {}),
    },
  });
  if (status >= 200 && status < 300) return text;
  throw new SlipwayError("alerts.refused", `${name} answered ${status}: ${text.slice(0, wordsShown).trim()}`);
}

async function answerOf(name: string, url: string, signal: AbortSignal, init: RequestInit) {
  try {
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]);
    const response = await fetch(url, { ...init, signal: inTime });
    return { status: response.status, text: await boundedText(response.body, answerLimitBytes) };
  } catch (thrown) {
    signal.throwIfAborted();
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SlipwayError("alerts.unreachable", `${name} gave no answer: ${why}.`, { cause: thrown });
  }
}
