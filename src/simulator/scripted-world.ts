import type { SlipwayError } from "#core/errors.ts";
import type { BalancerAt } from "#ports/balancer.ts";
import type { StepOutcome } from "#ports/workspace.ts";
import { failureOf, notMeasured, type Script } from "#simulator/script.ts";
import type { World } from "#workflows/world.ts";

/** The world in which what failed then fails again, at the same try of the same act. */
export function scriptedWorld(world: World, script: Script): World {
  const failing = async (host: string, args: readonly unknown[]): Promise<void> => {
    const failure = script.failureOn(host);
    if (failure) await failAs(world, failure, signalIn(args));
  };
  const atHost = <At extends { readonly host: { readonly name: string } }, Rest extends unknown[], T>(
    call: (at: At, ...rest: Rest) => Promise<T>,
  ) => {
    return async (at: At, ...rest: Rest): Promise<T> => {
      await failing(at.host.name, rest);
      return call(at, ...rest);
    };
  };
  const atServer = <Rest extends unknown[]>(call: (at: BalancerAt, server: string, ...rest: Rest) => Promise<void>) => {
    return async (at: BalancerAt, server: string, ...rest: Rest): Promise<void> => {
      await failing(server.replace(/-green$/, ""), rest);
      return call(at, server, ...rest);
    };
  };
  const { containers, balancer, checks } = world;
  return {
    ...world,
    containers: {
      ...containers,
      look: atHost(containers.look),
      start: atHost(containers.start),
      startAgain: atHost(containers.startAgain),
      stop: atHost(containers.stop),
      async pull(host, image, login, signal, onProgress) {
        const failure = failureOf(script.pullOn(host.host.name));
        if (failure) await failAs(world, failure, signal);
        return containers.pull(host, image, login, signal, onProgress);
      },
    },
    balancer: {
      ...balancer,
      drain: atServer(balancer.drain),
      admit: atServer(balancer.admit),
      distrust: atServer(balancer.distrust),
    },
    checks: { ...checks, get: atHost(checks.get) },
    source: {
      ...world.source,
      checkout: async (_source, { sha, branch }) => ({ sha, branch, subject: "", author: "" }),
    },
    workspaces: {
      ...world.workspaces,
      open: async () => "a simulated directory",
      runStep: async (_directory, _step, _env, _onOutput, signal) => commandOf(world, script, signal),
      close: async () => undefined,
    },
    metrics: { number: async () => (isNotMeasured(script) ? undefined : 1) },
  };
}

const signalIn = (args: readonly unknown[]): AbortSignal =>
  args.find((arg) => arg instanceof AbortSignal) ?? AbortSignal.timeout(longestMs);

/** Longer than any act. */
const longestMs = 24 * 60 * 60_000;

/** What a person ended in the middle goes on until they do. */
async function failAs({ clock }: World, failure: SlipwayError, signal: AbortSignal): Promise<never> {
  if (failure.code === "rollout.cancelled") await clock.sleep(longestMs, signal);
  throw failure;
}

/** The repository's own commands ended as verify, or the canary's verdict, did. */
async function commandOf(world: World, script: Script, signal: AbortSignal): Promise<StepOutcome> {
  const failure = failureOf(script.endOf(""));
  const isVerdict = failure?.code === "verify.failed" || failure?.code === "canary.failed";
  if (failure && !isVerdict) await failAs(world, failure, signal);
  return { exitCode: failure ? 1 : 0, timedOut: false, outputCut: false, lastLines: "" };
}

const isNotMeasured = (script: Script): boolean => script.endOf("")?.message === notMeasured;
