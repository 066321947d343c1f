import type { Rollout } from "#core/rollout.ts";
import type { Engine } from "#engine/run.ts";
import { rollout } from "#workflows/rollout.ts";
import type { World } from "#workflows/world.ts";
import type { FleetSights, HostView } from "./fleet-sights.ts";
import { rolloutQueue } from "./start-rollout.ts";

/** So long a host must be seen to have drifted before it is put right where fleet.yaml wants that: people work too. */
const correctAfterMs = 30_000;

/** More hosts than this do not join one by one between two rollouts of all hosts. */
const looksBack = 300;

type Place = { readonly service: string; readonly environment: string };

/**
 * A host that was added to a group, or that is back after an outage, gets the live release by a rollout of its own,
 * checked before it is admitted. A host that drifted otherwise only where fleet.yaml says `drift: correct`. Each cause
 * starts one rollout and no second: what fails stays visible and waits for a person.
 */
export class JoinWatch {
  readonly #world: World;
  readonly #engine: Engine;
  readonly #away = new Set<string>();

  constructor(world: World, engine: Engine) {
    this.#world = world;
    this.#engine = engine;
  }

  /** Called after every look at the fleet. */
  async consider(sights: FleetSights): Promise<void> {
    for (const { name: environment, services, drift } of Object.values(this.#world.fleet().environments))
      for (const [service, group] of Object.entries(services))
        for (const host of group.hosts) {
          const view = sights.of(environment, service, host.name);
          if (view) await this.#considerHost({ service, environment }, host.name, { view, drift });
        }
  }

  async #considerHost(place: Place, host: string, { view, drift }: { view: HostView; drift: "show" | "correct" }) {
    const key = `${place.environment} ${place.service} ${host}`;
    if (view.sight === "away") this.#away.add(key);
    if (view.sight !== "judged" || view.problem !== undefined) return;
    const needsRelease = view.drift?.kind === "stopped" || view.drift?.kind === "release";
    if (!view.drift || !needsRelease) return void this.#away.delete(key);
    const goods = await this.#world.rollouts.list({ ...place, states: ["succeeded"] }, looksBack);
    const [good] = goods;
    if (!good) return;
    const isBack = this.#away.delete(key);
    const cause = isBack ? `back since ${view.drift.since}` : isNew(goods, host) ? "new" : undefined;
    const lastedMs = this.#world.clock.now() - Date.parse(view.drift.since);
    if (cause) return this.#start(good, host, cause);
    if (drift === "correct" && lastedMs >= correctAfterMs)
      await this.#start(good, host, `drifted since ${view.drift.since}`);
  }

  async #start({ id, service, environment, release }: Rollout, host: string, cause: string): Promise<void> {
    const made = await this.#world.rollouts.create({
      key: `join/${id}/${host}/${cause}`,
      service,
      environment,
      release,
      reason: "join",
      by: `Slipway: ${host} ${cause}`,
      onlyHosts: [host],
    });
    await this.#engine.start(rollout(this.#world), made.id, { rolloutId: made.id }, rolloutQueue(made));
  }
}

/** Neither the last good rollout of all hosts nor one that hosts joined by since then has put the release there. */
function isNew(goods: readonly Rollout[], host: string): boolean {
  for (const { plan, onlyHosts } of goods) {
    const planned = plan?.batches.flatMap((batch) => batch.hosts.map(({ name }) => name)) ?? [];
    if (planned.includes(host) || plan?.upToDate.includes(host)) return false;
    if (!onlyHosts) return true;
  }
  return false;
}
