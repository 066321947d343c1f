import { runProcess } from "#adapters/process/run-process.ts";
import { SlipwayError } from "#core/errors.ts";
import type { Alerts, AlertsAt, Silence } from "#ports/alerts.ts";

/** What such a program may need of the server's own environment, and no more. */
const passedOn = ["PATH", "HOME", "LANG", "TZ"];

/** The user's own two commands. They run again at every renewal of the lease: they must bear that. */
export const commandAlerts = (env: Readonly<Record<string, string | undefined>>): Alerts => ({
  silence: (at, silence, signal) => runOne(at, silence, { which: "hold", env }, signal),
  lift: (at, silence, signal) => runOne(at, silence, { which: "release", env }, signal),
});

type Which = {
  readonly which: "hold" | "release";
  readonly env: Readonly<Record<string, string | undefined>>;
};

async function runOne(
  { spec }: AlertsAt,
  { owner, service, environment, words, url, until }: Silence,
  { which, env }: Which,
  signal: AbortSignal,
): Promise<void> {
  if (spec.kind !== "command") throw new Error(`${spec.name} is no command`);
  const [program, ...args] = spec[which];
  if (program === undefined) return;
  const own = { SLIPWAY_ROLLOUT: owner, SLIPWAY_SERVICE: service, SLIPWAY_ENVIRONMENT: environment };
  const wish = {
    argv: [program, ...args] as const,
    env: { ...pick(env), ...own, SLIPWAY_WORDS: words, SLIPWAY_URL: url, SLIPWAY_UNTIL: until },
    timeoutMs: spec.timeoutMs,
    signal,
  };
  const { exitCode, signal: ended, timedOut, tail } = await start(wish, spec.name);
  if (exitCode === 0) return;
  const how = timedOut ? `did not end within ${spec.timeoutMs / 1000} s` : `ended with ${ended ?? exitCode}`;
  throw new SlipwayError("alerts.refused", `The ${which} command of ${spec.name} ${how}.`, {
    command: [program, ...args].join(" "),
    lastLines: tail,
  });
}

async function start(wish: Parameters<typeof runProcess>[0], name: string) {
  try {
    return await runProcess(wish);
  } catch (thrown) {
    wish.signal.throwIfAborted();
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new SlipwayError("alerts.unreachable", `${name} could not be started: ${why}.`, { cause: thrown });
  }
}

const pick = (env: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(passedOn.flatMap((key) => (env[key] === undefined ? [] : [[key, env[key]]])));
