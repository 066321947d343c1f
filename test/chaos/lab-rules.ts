import { createdBy } from "../../src/adapters/alerts/alertmanager-commands.ts";
import type { RolloutDetail, TimelineEventShape } from "../../src/contract/shapes.ts";
import type { LabCase } from "./lab-cases.ts";
import type { Watched, WorldSight } from "./witness.ts";

export type HostNow = { readonly name: string; readonly release: number | undefined; readonly inService: boolean };

export type Seen = {
  readonly of: Pick<LabCase, "journey" | "badOn">;
  readonly ended: RolloutDetail;
  readonly before: WorldSight;
  readonly watched: Watched;
  readonly after: WorldSight;
  /** What Slipway's database still holds. */
  readonly holds: readonly string[];
  /** What Slipway says of the hosts. */
  readonly claimed: readonly HostNow[];
};

/** The rules of DESIGN.md's section 4, as the world around a real server tells them, and what Slipway says of it held against that. */
export const labRules = (seen: Seen): readonly string[] => [
  ...endsWell(seen),
  ...runsOneRelease(seen),
  ...leastInService(seen),
  ...noEarlyTraffic(seen),
  ...nothingStaysOff(seen),
  ...tellsTheTruth(seen),
  ...oneStepRepeats(seen),
];

function endsWell({ of: { journey, badOn }, ended: { rollout } }: Seen): readonly string[] {
  const wanted = journey === "put-back" ? "failed" : "succeeded";
  if (rollout.state !== wanted) return [`it ${rollout.state}: ${rollout.error?.message ?? ""}`];
  return rollout.error?.host === badOn ? [] : [`it names ${rollout.error?.host}, and ${badOn} was bad`];
}

function runsOneRelease({ of: { journey }, ended: { rollout }, before, after }: Seen): readonly string[] {
  return Object.entries(after.runs).flatMap(([host, runs]) => {
    const wanted = journey === "put-back" ? before.runs[host] : rollout.release;
    return runs === wanted ? [] : [`the engine of ${host} runs ${runs}, expected ${wanted}`];
  });
}

/** One batch of one host. */
function leastInService({ watched: { sights }, after }: Seen): readonly string[] {
  const all = Object.keys(after.runs);
  const wrong = sights.find(({ up }) => up.length < all.length - 1);
  const out = all.filter((host) => !wrong?.up.includes(host));
  return [
    ...(wrong ? [`${out.join(" and ")} had no traffic from HAProxy together at ${wrong.at}`] : []),
    ...all.filter((host) => !after.up.includes(host)).map((host) => `${host} gets no traffic from HAProxy`),
    ...(sights.length > 0 ? [] : ["HAProxy was never seen"]),
  ];
}

/** From the replacement of its container to its verdict HAProxy gives a host nothing, whoever has died meanwhile. */
function noEarlyTraffic({ watched: { sights }, ended: { timeline } }: Seen): readonly string[] {
  return unprovedSpans(timeline).flatMap(({ host, from, to }) => {
    const early = sights.find(({ at, up }) => up.includes(host) && at > from && at < to);
    return early ? [`${host} had traffic from HAProxy at ${early.at}, replaced at ${from} and good at ${to}`] : [];
  });
}

function unprovedSpans(timeline: readonly TimelineEventShape[]): { host: string; from: string; to: string }[] {
  const since = new Map<string, string>();
  return timeline.flatMap(({ host, step, phase, at }) => {
    if (!host) return [];
    if (step === "replace" && phase === "started" && !since.has(host)) since.set(host, at);
    const from = since.get(host);
    if (step !== "check" || phase !== "succeeded" || !from) return [];
    since.delete(host);
    return [{ host, from, to: at }];
  });
}

function nothingStaysOff({ watched, after, holds, ended: { rollout } }: Seen): readonly string[] {
  const own = createdBy("alertmanager", { owner: rollout.id });
  return [
    ...(watched.silencedBy.includes(own) ? [] : ["the Alertmanager never had a silence of this rollout"]),
    ...after.silences.map((by) => `the Alertmanager still has a silence of ${by}`),
    ...holds.map((hold) => `still held: ${hold}`),
    ...Object.entries(watched.lostOn)
      .filter(([, lost]) => lost > 0)
      .map(([host, lost]) => `HAProxy lost ${lost} requests on ${host}`),
  ];
}

const tellsTheTruth = ({ claimed, after }: Seen): readonly string[] =>
  claimed.flatMap(({ name, release, inService }) => [
    ...(release === after.runs[name] ? [] : [`Slipway says ${name} runs ${release}, its engine ${after.runs[name]}`]),
    ...(inService === after.up.includes(name) ? [] : [`Slipway says ${name} is ${inService ? "" : "not "}in service`]),
  ]);

function oneStepRepeats({ ended: { timeline } }: Seen): readonly string[] {
  const repeated = timeline.filter(({ attempt, phase }) => attempt > 1 && phase === "started");
  return repeated.length <= 1
    ? []
    : [`repeated: ${repeated.map(({ host = "", step }) => `${host} ${step}`).join(", ")}`];
}
