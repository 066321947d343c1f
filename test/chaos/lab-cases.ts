import type { TimelineEventShape } from "../../src/contract/shapes.ts";

export type LabJourney = "rollout" | "put-back" | "roll-back";

/** The kill waits for one event of the timeline, then a moment of its own. */
export type KillAt = Pick<TimelineEventShape, "host" | "step" | "phase" | "direction">;

export type LabCase = {
  readonly journey: LabJourney;
  /** Where the new version never gets healthy. */
  readonly badOn?: string;
  readonly at: KillAt;
  readonly afterMs: number;
};

type Phase = KillAt["phase"];
type Variant = { readonly host: string; readonly badOn?: string; readonly phase: Phase };
type Aim = Omit<LabCase, "afterMs">;

const hosts = ["web-1", "web-2", "web-3", "web-4"] as const;
const phases = ["started", "succeeded"] as const;
/** After the start of a step: at once, early, in the middle of most, and late or past its end. */
const momentsMs = [0, 60, 200, 400];

/** Every host and phase once, so that two neighbours differ in both. */
const anywhere: readonly Variant[] = alternating(hosts.map((host) => ({ host })));

/** Every host that was touched, for every host that the new version can be bad on, nearest first. */
const touched = [0, 1, 2, 3].flatMap((distance) =>
  hosts.slice(0, hosts.length - distance).map((host, at) => ({ host, badOn: hosts[at + distance] ?? host })),
);

const wholeRun = (journey: LabJourney): Aim[][] => [
  ...(["plan", "hold", "prepare"] as const).map((step) => phases.map((phase) => ({ journey, at: { step, phase } }))),
  // Nothing follows its success that a kill could interrupt.
  [{ journey, at: { step: "finish", phase: "started" } }],
];

const perHost = (journey: LabJourney, steps: readonly KillAt["step"][]): Aim[][] =>
  steps.map((step) =>
    anywhere.map(({ host, phase }) => ({ journey, at: { host, step, phase, direction: "forward" } })),
  );

const badStep = (step: KillAt["step"], seen: readonly Phase[]): Aim[] =>
  seen.flatMap((phase) =>
    hosts.map(
      (host) => ({ journey: "put-back", badOn: host, at: { host, step, phase, direction: "forward" } }) as const,
    ),
  );

const steps = ["drain", "replace", "check", "admit"] as const;
const backSteps: Aim[][] = [...steps, "bake" as const].map((step) =>
  alternating(touched).map(({ host, badOn = host, phase }) => ({
    journey: "put-back",
    badOn,
    at: { host, step, phase, direction: "back" },
  })),
);

/** Of every journey: its steps, each with all the hosts and phases that it has. */
export const allAims: Readonly<Record<LabJourney, readonly (readonly Aim[])[]>> = {
  rollout: [...wholeRun("rollout"), ...perHost("rollout", [...steps, "bake"])],
  "put-back": [badStep("replace", phases), badStep("check", ["started", "failed"]), ...backSteps],
  "roll-back": [...wholeRun("roll-back"), ...perHost("roll-back", steps)],
};

/** So many cases: journeys in turn, each over all its steps before one comes again, with other hosts and phases each time. */
export function labCases(count: number): LabCase[] {
  const journeys = Object.values(allAims);
  const perJourney = journeys.map((groups, nth) => spread(groups, Math.ceil((count - nth) / journeys.length)));
  return Array.from({ length: count }, (_, number) => {
    const aim = perJourney[number % journeys.length]?.[Math.floor(number / journeys.length)];
    if (!aim) throw new Error(`there is no case ${number}`);
    return { ...aim, afterMs: aim.at.phase === "started" ? (momentsMs[(number * 7) % momentsMs.length] ?? 0) : 0 };
  });
}

function spread(groups: readonly (readonly Aim[])[], count: number): Aim[] {
  return Array.from({ length: Math.max(0, count) }, (_, number) => {
    const pass = Math.floor(number / groups.length);
    const inPass = Math.min(groups.length, count - pass * groups.length);
    const step = Math.floor(((number % groups.length) * groups.length) / inPass);
    const variants = groups[step] ?? [];
    return variants[(step * 3 + pass) % variants.length] as Aim;
  });
}

function alternating<T extends { readonly host: string }>(places: readonly T[]): (T & { readonly phase: Phase })[] {
  return Array.from({ length: places.length * 2 }, (_, at) => ({
    ...(places[at % places.length] as T),
    phase: phases[(at + Math.floor(at / places.length)) % 2] ?? "started",
  }));
}
