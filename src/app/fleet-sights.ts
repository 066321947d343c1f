import type { Drift } from "#core/drift.ts";
import { SlipwayError } from "#core/errors.ts";
import { sideBySide } from "#core/side-by-side.ts";
import type { Changes } from "#ports/records.ts";
import type { World } from "#workflows/world.ts";
import { expectedIn, judged } from "./expected-release.ts";
import { type GroupPlace, lookAtGroup } from "./look-at-group.ts";

export type HostView = {
  readonly release?: number;
  readonly digest?: string;
  readonly inService?: boolean;
  readonly balancerState?: string;
  readonly problem?: string;
  /** Only `judged` was held against what should run there: not before the first good rollout, nor while one changes it. */
  readonly sight: "away" | "seen" | "judged";
  /** How it differs from that. */
  readonly drift?: Drift & { readonly since: string };
  readonly seenAt: string;
};

/** Between two looks at the fleet, counted from the end of one to the beginning of the next. */
const lookEveryMs = 5_000;
const lookTimeoutMs = 10_000;
/** After a step of a rollout the fleet is looked at so soon: a person is watching. */
const lookSoonMs = 250;
/** And no more often than this, however many steps a rollout has. */
const restMs = 1_000;
/** One whose hosts do not answer keeps few others waiting. */
const groupsAtOnce = 16;

type Options = {
  /** Called after every look at the whole fleet; the next begins when it has resolved. */
  readonly onLooked?: () => Promise<void>;
  /** Told of what could not be looked at because of ourselves. */
  readonly say?: (line: string) => void;
};

/**
 * What the hosts and balancers were seen to be a moment ago, for people to look at. No decision is made on it: a plan
 * and every step look for themselves.
 */
export class FleetSights {
  readonly #world: World;
  readonly #changes: Changes;
  readonly #options: Options;
  readonly #views = new Map<string, HostView>();
  readonly #notes = new Map<string, string>();
  readonly #stopping = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #unfollow: () => void = () => {};
  /** Something has happened since the last look began. */
  #isAsked = false;
  #ask: () => void = () => {};

  constructor(world: World, changes: Changes, options: Options = {}) {
    this.#world = world;
    this.#changes = changes;
    this.#options = options;
  }

  /** As it is shown: with what keeps it from being put right, where it is known. */
  of(environment: string, service: string, host: string): HostView | undefined {
    const key = keyOf(environment, service, host);
    const [view, note] = [this.#views.get(key), this.#notes.get(key)];
    if (!view?.drift || note === undefined) return view;
    return { ...view, drift: { ...view.drift, message: `${view.drift.message}; ${note}` } };
  }

  /** As it was seen. */
  seen(environment: string, service: string, host: string): HostView | undefined {
    return this.#views.get(keyOf(environment, service, host));
  }

  /** Why a host that drifted is not put right by itself; undefined takes the note away. */
  note({ environment, service, host }: Record<"environment" | "service" | "host", string>, note?: string): void {
    const key = keyOf(environment, service, host);
    if (this.#notes.get(key) === note) return;
    if (note === undefined) this.#notes.delete(key);
    else this.#notes.set(key, note);
    this.#changes.tell("overview");
  }

  start(): void {
    this.#unfollow = this.#changes.follow((topic) => {
      if (!topic.startsWith("rollout/")) return;
      this.#isAsked = true;
      this.#ask();
    });
    this.#loop = this.#live();
  }

  async stop(): Promise<void> {
    this.#unfollow();
    this.#stopping.abort(new Error("the server stops"));
    await this.#loop;
  }

  /** What happens meanwhile makes the next look come sooner, never later. */
  async #live(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#isAsked = false;
      const began = this.#world.clock.now();
      await this.look();
      if (!this.#isAsked) await this.#rest(lookEveryMs, this.#asked(signal));
      if (this.#isAsked) await this.#rest(Math.max(lookSoonMs, began + restMs - this.#world.clock.now()), signal);
    }
  }

  #rest(ms: number, signal: AbortSignal): Promise<unknown> {
    return this.#world.clock.sleep(ms, signal).catch(() => "it is asked for, or it stops");
  }

  #asked(stopping: AbortSignal): AbortSignal {
    const asked = new AbortController();
    this.#ask = () => asked.abort();
    return AbortSignal.any([asked.signal, stopping]);
  }

  /** Every group is looked at, side by side. Never rejects: what fails is said, and looked at again next time. */
  async look(): Promise<void> {
    const { environments, networks } = this.#world.fleet();
    const groups = Object.entries(environments).flatMap(([environment, place]) => {
      const network = networks[place.network];
      return Object.entries(place.services).flatMap(([service, group]) =>
        network ? [{ environment, service, group, network }] : [],
      );
    });
    await sideBySide(groups, groupsAtOnce, (at) =>
      this.#try(`${at.environment}/${at.service}`, () => this.#lookAtGroup(at)),
    );
    if (!this.#stopping.signal.aborted) await this.#try("the fleet", async () => this.#options.onLooked?.());
  }

  async #lookAtGroup(at: GroupPlace): Promise<void> {
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(lookTimeoutMs)]);
    const before = await expectedIn(this.#world, at);
    const views = await lookAtGroup(this.#world, at, signal);
    const after = await expectedIn(this.#world, at);
    // A rollout that began or went on during the look may have changed what was seen.
    const expected = JSON.stringify(before) === JSON.stringify(after) ? after : undefined;
    for (const [index, { name }] of at.group.hosts.entries()) {
      const seen = views[index];
      if (!seen || this.#stopping.signal.aborted) continue;
      const key = keyOf(at.environment, at.service, name);
      const last = this.#views.get(key);
      const view = expected ? judged(seen, { expected, host: name, before: last }) : seen;
      this.#views.set(key, view);
      if (!isSame(last, view)) this.#changes.tell("overview");
    }
  }

  async #try(subject: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (thrown) {
      if (this.#stopping.signal.aborted) return;
      this.#options.say?.(`could not look at ${subject}: ${this.#world.mask(SlipwayError.from(thrown).message)}`);
    }
  }
}

const keyOf = (environment: string, service: string, host: string): string => `${environment} ${service} ${host}`;

const isSame = (before: HostView | undefined, now: HostView): boolean =>
  JSON.stringify({ ...before, seenAt: "" }) === JSON.stringify({ ...now, seenAt: "" });
