import { driftOf, type Live } from "#core/drift.ts";
import { liveIn } from "#workflows/live-release.ts";
import { predecessorOf } from "#workflows/predecessor.ts";
import type { World } from "#workflows/world.ts";
import type { HostView } from "./fleet-sights.ts";

type Place = { readonly service: string; readonly environment: string };

/** What should run in a place now. */
export type Expected = {
  readonly live: Live;
  /** What a rollout that is paused has put on some hosts is no drift either. */
  readonly coming?: Live;
  /** Hosts that a rollout holds or is about to take over: nothing is said of them. */
  readonly held: readonly string[];
};

/** Undefined before the first good rollout, and while one changes hosts. One that waits for a person changes none. */
export async function expectedIn(world: World, { service, environment }: Place): Promise<Expected | undefined> {
  const place = { service, environment };
  // Asked first: one that ends meanwhile is live or gone by the next question.
  const opens = await world.rollouts.list({ ...place, states: ["waiting", "running", "paused"] }, 10);
  const begun = opens.find(({ state }) => state !== "waiting");
  const hasBegun = begun !== undefined && (await world.holds.history(begun.id)).length > 0;
  if (hasBegun && begun.state !== "paused") return undefined;
  const found = await liveIn(world, place);
  if (!found) return undefined;
  const live = { release: found.release.number, digest: found.release.image.digest };
  const [oldest] = opens.toReversed();
  const taken = oldest && !hasBegun ? ((await predecessorOf(world, oldest))?.touched ?? []) : [];
  if (!hasBegun) return { live, held: taken.map(({ host }) => host) };
  const release = await world.releases.get(service, begun.release);
  const drains = (await world.holds.ofRollout(begun.id)).flatMap(({ host }) => host ?? []);
  return {
    live,
    ...(release ? { coming: { release: release.number, digest: release.image.digest } } : {}),
    held: [...drains, ...(begun.pause?.hosts ?? [])],
  };
}

type Judging = { readonly expected: Expected; readonly host: string; readonly before: HostView | undefined };

/** The view held against what should run there. A difference that lasts keeps the time at which it was first seen. */
export function judged(view: HostView, { expected, host, before }: Judging): HostView {
  const { live, coming, held } = expected;
  if (held.includes(host)) return view;
  const drift = driftOf(view, coming && view.release === coming.release ? coming : live);
  const sight = view.sight === "away" ? "away" : "judged";
  if (!drift) return { ...view, sight };
  const since = before?.drift?.kind === drift.kind ? before.drift.since : view.seenAt;
  return { ...view, sight, drift: { ...drift, since } };
}
