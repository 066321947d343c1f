import { SlipwayError } from "#core/errors.ts";
import type { FleetEnvironment } from "#core/fleet.ts";
import { isFinal, type Rollout } from "#core/rollout.ts";
import type { Engine } from "#engine/run.ts";
import type { NewRollout } from "#ports/records.ts";
import { type LiveRelease, liveIn } from "#workflows/live-release.ts";
import { lockWords, personsLock } from "#workflows/persons-lock.ts";
import { rollout } from "#workflows/rollout.ts";
import type { World } from "#workflows/world.ts";
import type { FleetSights, HostView } from "./fleet-sights.ts";
import { HostMemory } from "./host-memory.ts";
import { rolloutQueue } from "./start-rollout.ts";

/** So long a host must be seen to have drifted before it is put right where fleet.yaml wants that: people work too. */
const correctAfterMs = 30_000;
/** A join that was refused is asked for again: what it was refused for may be over. Each time twice as late. */
const askAgainAfterMs = 5 * 60_000;
const longestUntilAskedMs = 6 * 60 * 60_000;
/** More hosts than this do not join one by one between two rollouts of all hosts. */
const looksBack = 300;

type Place = { readonly service: string; readonly environment: string };
type Drifted = { readonly host: string; readonly view: HostView; readonly drift: NonNullable<HostView["drift"]> };
/** What is true of the whole place, asked once a look. */
type Ground = { readonly live: LiveRelease; readonly goods: readonly Rollout[] };

/**
 * A host that was added to a group, or that is back after an outage with something else than it had before, gets the live
 * release by a rollout of its own, checked before it is admitted. A host that drifted otherwise only where fleet.yaml says
 * `drift: correct`. None does while a rollout is open or the place is locked, after a rollout that left hosts on different
 * releases, or to a release that is older than its own. Each cause starts one rollout and no second, unless it was refused: what
 * fails stays visible and waits for a person.
 */
export class JoinWatch {
  readonly #world: World;
  readonly #engine: Engine;
  readonly #say: (line: string) => void;
  readonly #memory: HostMemory;
  /** The rollout that was asked for last, by its key. */
  readonly #asked = new Map<string, string>();

  constructor(world: World, engine: Engine, say: (line: string) => void = () => {}) {
    this.#world = world;
    this.#engine = engine;
    this.#say = say;
    this.#memory = new HostMemory(world.hostMarks);
  }

  /** Called after every look at the fleet. What fails in one group stops no other. */
  async consider(sights: FleetSights): Promise<void> {
    const { environments } = this.#world.fleet();
    await this.#memory.open();
    await this.#memory.keepOnly(keysOf(Object.values(environments)));
    for (const environment of Object.values(environments))
      for (const service of Object.keys(environment.services)) {
        try {
          await this.#considerGroup({ service, environment }, sights);
        } catch (thrown) {
          const message = this.#world.mask(SlipwayError.from(thrown).message);
          this.#say(`could not see to hosts that join ${environment.name}/${service}: ${message}`);
        }
      }
  }

  async #considerGroup(
    { service, environment }: { service: string; environment: FleetEnvironment },
    sights: FleetSights,
  ): Promise<void> {
    const place = { service, environment: environment.name };
    const drifted: Drifted[] = [];
    const hosts = environment.services[service]?.hosts ?? [];
    for (const { name: host } of hosts) {
      const view = sights.seen(place.environment, service, host);
      if (!view) continue;
      await this.#memory.note(keyOf(place, host), view);
      if (view.sight !== "judged" || view.problem !== undefined) continue;
      if (needsRelease(view)) drifted.push({ host, view, drift: view.drift });
      else await this.#isRight(place, host, sights);
    }
    if (drifted.length === 0) return;
    const running = hosts.flatMap(({ name }) => sights.seen(place.environment, service, name)?.release ?? []);
    const ground = await this.#groundOf(place, running);
    for (const one of drifted) {
      const note = await this.#considerHost(place, one, { ground, mayCorrect: environment.drift === "correct" });
      sights.note({ ...place, host: one.host }, note);
    }
  }

  async #isRight(place: Place, host: string, sights: FleetSights): Promise<void> {
    await this.#memory.put(keyOf(place, host), {});
    sights.note({ ...place, host });
  }

  /** Or why no host may join now; an empty reason needs no words. `running`: the releases that were seen on its hosts. */
  async #groundOf(place: Place, running: readonly number[]): Promise<Ground | string> {
    const [open] = await this.#world.rollouts.list({ ...place, states: ["waiting", "running", "paused"] }, 1);
    if (open) {
      // Recorded, and perhaps not started: the engine was away in that moment. It starts nothing twice.
      if (open.reason === "join" && open.state === "waiting") await this.#begin(open);
      return "";
    }
    const live = await liveIn(this.#world, place);
    if (!live) return "";
    // A put back that failed on a host that was away was good on all others: one that is back with nothing completes it.
    const isPutBack = live.left === "stuck" && running.every((release) => release === live.release.number);
    if (live.left && !isPutBack) return "the last rollout was left in the middle: it is not put right by itself";
    const lock = await personsLock(this.#world, place);
    if (lock) return `it waits for the lock of ${lockWords(lock)}`;
    return { live, goods: await this.#world.rollouts.list({ ...place, states: ["succeeded"] }, looksBack) };
  }

  /** Resolves with what keeps the host from being put right, for people to see. */
  async #considerHost(
    place: Place,
    { host, view, drift }: Drifted,
    { ground, mayCorrect }: { ground: Ground | string; mayCorrect: boolean },
  ): Promise<string | undefined> {
    const { awaySince, since } = await this.#newsOf(keyOf(place, host), drift);
    const lastedMs = this.#world.clock.now() - Date.parse(since);
    const correctSince = mayCorrect && lastedMs >= correctAfterMs ? since : undefined;
    if (typeof ground === "string") return awaySince || correctSince ? ground || undefined : undefined;
    const cause = causeOf({ awaySince, isNew: isNew(ground.goods, host), correctSince });
    if (cause === undefined) return undefined;
    if (view.release !== undefined && view.release > ground.live.release.number)
      return "it is not taken back to an older release by itself";
    return this.#ask(place, { host, cause, good: ground.live.rollout });
  }

  /** Since when it drifted; and since when it was away, where it had not drifted so before: what nobody put right is no news. */
  async #newsOf(key: string, drift: Drifted["drift"]): Promise<{ awaySince: string | undefined; since: string }> {
    const { awaySince, ...mark } = this.#memory.of(key);
    const what = `${drift.kind}: ${drift.message}`;
    const isKnown = mark.drift?.what === what;
    const since = isKnown && mark.drift ? mark.drift.since : drift.since;
    if (awaySince !== undefined && !isKnown) return { awaySince, since };
    await this.#memory.put(key, { ...mark, drift: { what, since } });
    return { awaySince: undefined, since };
  }

  async #ask(place: Place, { host, cause, good }: { host: string; cause: string; good: Rollout }) {
    const key = keyOf(place, host);
    const { refusals = 0 } = this.#memory.of(key);
    const made = await this.#rolloutFor(place, {
      key: `join/${good.id}/${host}/${cause}${refusals > 0 ? `/${refusals}` : ""}`,
      release: good.release,
      reason: "join" as const,
      by: `Slipway: ${host} ${cause}`,
      onlyHosts: [host],
    });
    if (!isFinal(made.state)) {
      await this.#begin(made);
      return undefined;
    }
    const why = `rollout ${made.number} of it alone ended ${made.state}: ${made.error?.message ?? "see there"}`;
    if (made.state !== "refused") return why;
    const endedMs = this.#world.clock.now() - Date.parse(made.endedAt ?? made.createdAt);
    if (endedMs >= Math.min(askAgainAfterMs * 2 ** refusals, longestUntilAskedMs))
      await this.#memory.put(key, { ...this.#memory.of(key), refusals: refusals + 1 });
    return why;
  }

  #begin(made: Rollout): Promise<void> {
    return this.#engine.start(rollout(this.#world), made.id, { rolloutId: made.id }, rolloutQueue(made));
  }

  async #rolloutFor(place: Place, wish: Omit<NewRollout, "service" | "environment">): Promise<Rollout> {
    const kept = await this.#world.rollouts.get(this.#asked.get(wish.key) ?? "");
    if (kept) return kept;
    const made = await this.#world.rollouts.create({ ...place, ...wish });
    this.#asked.set(wish.key, made.id);
    return made;
  }
}

type News = {
  readonly awaySince: string | undefined;
  readonly isNew: boolean;
  readonly correctSince: string | undefined;
};

function causeOf({ awaySince, isNew, correctSince }: News): string | undefined {
  if (awaySince !== undefined) return `is back, away since ${awaySince}`;
  if (isNew) return "is new";
  return correctSince === undefined ? undefined : `drifted since ${correctSince}`;
}

const needsRelease = (view: HostView): view is HostView & { drift: NonNullable<HostView["drift"]> } =>
  view.drift?.kind === "stopped" || view.drift?.kind === "release";

const keysOf = (environments: readonly FleetEnvironment[]): ReadonlySet<string> =>
  new Set(
    environments.flatMap(({ name: environment, services }) =>
      Object.entries(services).flatMap(([service, { hosts }]) =>
        hosts.map((host) => keyOf({ environment, service }, host.name)),
      ),
    ),
  );

const keyOf = ({ environment, service }: Place, host: string): string => `${environment}/${service}/${host}`;

/** Neither the last good rollout of all hosts nor one that hosts joined by since then has put the release there. */
function isNew(goods: readonly Rollout[], host: string): boolean {
  for (const { plan, onlyHosts } of goods) {
    const planned = plan?.batches.flatMap((batch) => batch.hosts.map(({ name }) => name)) ?? [];
    if (planned.includes(host) || plan?.upToDate.includes(host)) return false;
    if (!onlyHosts) return true;
  }
  return false;
}
