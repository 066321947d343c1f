import { boundedText } from "#core/bounded-text.ts";
import type { Metrics } from "#ports/metrics.ts";
import { numberOf } from "./replies.ts";

const answerTimeoutMs = 10_000;
const answerLimitBytes = 256 * 1024;

/** Asks a Prometheus by its HTTP API. What goes wrong there is a reason, never a verdict. */
export const prometheusMetrics = (): Metrics => ({
  async number({ url, query, token }, signal, onReason = () => {}) {
    const address = `${url.replace(/\/+$/, "")}/api/v1/query?${new URLSearchParams({ query })}`;
    const headers = token ? { authorization: `Bearer ${token.reveal()}` } : {};
    const found = await ask(address, headers, signal);
    signal.throwIfAborted();
    if ("value" in found) return found.value;
    onReason(found.reason);
    return undefined;
  },
});

async function ask(
  address: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<ReturnType<typeof numberOf>> {
  try {
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]);
    const response = await fetch(address, { headers, signal: inTime, redirect: "error" });
    return numberOf(await boundedText(response.body, answerLimitBytes));
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
    return { reason: `no answer: ${cause instanceof Error ? cause.message : String(cause)}` };
  }
}
