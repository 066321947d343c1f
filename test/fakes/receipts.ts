import type { HostReceipt, HostSpan, Receipt } from "#core/receipt.ts";

/** Receipts to look at and to test with: what a rollout over some hosts leaves, second by second. */
export type ReceiptWish = {
  readonly hosts?: number;
  readonly seconds?: number;
  readonly requestsPerSecond?: number;
  /** The host whose check fails; the rollout puts it back. */
  readonly failing?: number;
};

const lengths = { drain: 320, replace: 900, check: 2_100, admit: 420, bake: 1_200 } as const;
type Step = keyof typeof lengths;

export function sampleReceipt({ hosts = 3, requestsPerSecond = 510, failing }: ReceiptWish = {}): Receipt {
  const beforeMs = 2_600;
  const each = Object.values(lengths).reduce((sum, ms) => sum + ms, 0);
  const visited = failing === undefined ? hosts : failing + 1;
  const all = Array.from({ length: hosts }, (_, index) => hostOf(index, beforeMs + index * each, failing));
  const endMs = beforeMs + visited * each + (failing === undefined ? 60 : 4_000);
  const seconds = Math.round(endMs / 100) / 10;
  const points = Math.ceil((endMs + 3_000) / 1_000);
  const every = Math.max(1, Math.ceil(points / 600));
  const wave = Array.from({ length: Math.ceil(points / every) }, (_, index) =>
    Math.round(every * requestsPerSecond * (1 + 0.12 * Math.sin(index / 2.3) + 0.05 * Math.sin(index * 1.7))),
  );
  const failed = wave.map((_, index) => (failing !== undefined && index === 7 ? 3 : 0));
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  const none = wave.map(() => 0);
  return {
    version: 2,
    rollout: 12,
    service: "hello",
    environment: "production",
    release: 7,
    previousRelease: 6,
    commit: "1a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d",
    image: `registry.example.com/acme/hello@sha256:${"4f1c2a9b01d3".repeat(6).slice(0, 64)}`,
    by: "commit 1a2b3c4 on main",
    reason: "commit",
    outcome: failing === undefined ? "succeeded" : "failed",
    startedAt: "2026-11-23T12:00:00.000Z",
    endedAt: new Date(Date.UTC(2026, 10, 23, 12) + endMs).toISOString(),
    seconds,
    ...(failing === undefined ? { commitToLiveSeconds: seconds + 27.2 } : {}),
    prober: { requests: points * 20, failed: sum(failed), cut: 0 },
    balancers: { requests: sum(wave), failed: sum(failed), cut: 0 },
    before: {
      seconds: 2.4,
      prober: { requests: 48, failed: 0, cut: 0 },
      balancers: { requests: 1_224, failed: 0, cut: 0 },
    },
    after: {
      seconds: 3,
      prober: { requests: 60, failed: 0, cut: 0 },
      balancers: { requests: 1_530, failed: 0, cut: 0 },
    },
    series: {
      fromMs: 200,
      everyMs: every * 1_000,
      prober: { requests: wave.map(() => 20 * every), failed, cut: none },
      balancers: { requests: wave, failed, cut: none },
    },
    holds: [
      {
        kind: "environment-lock",
        subject: "production/hello",
        takenAt: "2026-11-23T12:00:00.410Z",
        givenBackAt: "2026-11-23T12:00:17.480Z",
      },
      {
        kind: "drain",
        subject: "edge/web-1",
        takenAt: "2026-11-23T12:00:02.600Z",
        givenBackAt: "2026-11-23T12:00:06.300Z",
      },
    ],
    longestDrainMs: lengths.drain,
    hosts: all,
  };
}

function hostOf(index: number, fromMs: number, failing: number | undefined): HostReceipt {
  const host = `web-${index + 1}`;
  if (failing !== undefined && index > failing)
    return { host, outcome: "untouched", stepsMs: {}, repeated: 0, spans: [] };
  const isFailing = index === failing;
  const steps: readonly Step[] = isFailing
    ? ["drain", "replace", "check"]
    : ["drain", "replace", "check", "admit", "bake"];
  const forward = laid(steps, fromMs, "forward");
  const broken = forward.with(-1, { ...(forward.at(-1) as HostSpan), end: "failed" });
  const back = isFailing ? laid(["drain", "replace", "check", "admit"], forward.at(-1)?.toMs ?? 0, "back") : [];
  return {
    host,
    outcome: isFailing ? "put-back" : "released",
    stepsMs: Object.fromEntries(steps.map((step) => [step, lengths[step]])),
    ...(isFailing ? { putBackMs: 3_740 } : {}),
    repeated: 0,
    spans: isFailing ? [...broken, ...back] : forward,
  };
}

function laid(steps: readonly Step[], fromMs: number, direction: HostSpan["direction"]): HostSpan[] {
  let at = fromMs;
  return steps.map((step) => {
    const span = { step, direction, end: "succeeded" as const, fromMs: at, toMs: at + lengths[step] };
    at = span.toMs;
    return span;
  });
}
