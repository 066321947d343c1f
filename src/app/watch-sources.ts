import { matchBranch } from "#core/branch-pattern.ts";
import type { Build } from "#core/build.ts";
import { SlipwayError } from "#core/errors.ts";
import type { SourceSpec } from "#core/fleet.ts";
import type { Engine } from "#engine/run.ts";
import type { NewHead } from "#ports/records.ts";
import { deliver } from "#workflows/deliver.ts";
import type { World } from "#workflows/world.ts";

const headsTimeoutMs = 60_000;
/** A source that fails is asked less and less often, at least so often. */
const slowestPollMs = 10 * 60_000;

/**
 * Looks at every source at its own pace. Each new head of a watched branch becomes one waiting build, recorded in the
 * same transaction as the head, and then a delivery. A source that fails disturbs no other.
 */
export class SourceWatch {
  readonly #world: World;
  readonly #engine: Engine;
  readonly #stopping = new AbortController();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #failures = new Map<string, number>();
  readonly #polling = new Map<string, Promise<void>>();

  constructor(world: World, engine: Engine) {
    this.#world = world;
    this.#engine = engine;
  }

  /** Looks at every source of the configuration in force; called again after it has changed. */
  start(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    for (const { name } of this.#world.fleet().sources) this.#pollLater(name, 0);
  }

  /** Looks at one source now; resolves when it was looked at. */
  async pollNow(name: string): Promise<void> {
    await this.#polling.get(name);
    await this.#poll(name);
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error("the server stops"));
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.allSettled(this.#polling.values());
  }

  #pollLater(name: string, ms: number): void {
    if (this.#stopping.signal.aborted) return;
    clearTimeout(this.#timers.get(name));
    this.#timers.set(
      name,
      setTimeout(() => this.#poll(name), ms),
    );
  }

  #poll(name: string): Promise<void> {
    const polling = this.#pollOnce(name).finally(() => this.#polling.delete(name));
    this.#polling.set(name, polling);
    return polling;
  }

  async #pollOnce(name: string): Promise<void> {
    const source = this.#world.fleet().sources.find((candidate) => candidate.name === name);
    if (!source || this.#stopping.signal.aborted) return;
    const error = await this.#look(source);
    if (this.#stopping.signal.aborted) return;
    const failures = error === undefined ? 0 : (this.#failures.get(name) ?? 0) + 1;
    this.#failures.set(name, failures);
    const waitMs = backOff(source.pollMs, failures);
    this.#pollLater(name, waitMs);
    await this.#note(source, { failures, error, waitMs });
  }

  /** Resolves with what went wrong, in words. */
  async #look(source: SourceSpec): Promise<string | undefined> {
    try {
      const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(headsTimeoutMs)]);
      const heads = await this.#world.source.heads(source, signal);
      await this.#world.heads.see(source.name, watchedHeads(source, heads));
      await startDeliveries(this.#world, this.#engine, isWaiting(source));
      return undefined;
    } catch (thrown) {
      return this.#world.mask(SlipwayError.from(thrown).message);
    }
  }

  async #note(
    { name }: SourceSpec,
    seen: { failures: number; error: string | undefined; waitMs: number },
  ): Promise<void> {
    const now = this.#world.clock.now();
    const last = (await this.#world.heads.sights()).find((sight) => sight.name === name);
    const lastSeenAt = seen.error === undefined ? new Date(now).toISOString() : last?.lastSeenAt;
    await this.#world.heads.noteSight({
      name,
      failures: seen.failures,
      nextPollAt: new Date(now + seen.waitMs).toISOString(),
      ...(lastSeenAt === undefined ? {} : { lastSeenAt }),
      ...(seen.error === undefined ? {} : { error: seen.error }),
    });
  }
}

/**
 * What was recorded and has not ended is built: one after the other where it is of one source, in the order in which
 * the heads were seen. One that was started already is not started again; one whose record's answer was lost with the
 * database is started by the next look.
 */
export async function startDeliveries(
  world: World,
  engine: Engine,
  isWanted: (build: Build) => boolean,
): Promise<void> {
  for (const { id, source } of (await world.builds.open()).filter(isWanted))
    await engine.start(deliver(world), id, { buildId: id }, { queue: "builds", partition: source });
}

const isWaiting =
  ({ name }: SourceSpec) =>
  ({ source, state }: Build): boolean =>
    source === name && state === "waiting";

const watchedHeads = (source: SourceSpec, heads: ReadonlyMap<string, string>): NewHead[] =>
  [...heads]
    .filter(([branch]) => source.branches.some((pattern) => matchBranch(pattern, branch)))
    .map(([branch, sha]) => ({ source: source.name, branch, sha }));

const backOff = (pollMs: number, failures: number): number =>
  failures === 0 ? pollMs : Math.max(pollMs, Math.min(slowestPollMs, pollMs * 2 ** Math.min(failures, 20)));
