import type { RolloutDetail } from "../../src/contract/shapes.ts";
import type { HostNow } from "./lab.ts";
import type { Case } from "./simulated.ts";

type Seen = {
  readonly journey: Case["journey"];
  readonly ended: RolloutDetail;
  readonly before: readonly HostNow[];
  readonly now: readonly HostNow[];
};

/** The rules of DESIGN.md's section 4, as far as they can be seen from outside of a real server. */
export const labRules = (seen: Seen): readonly string[] => [
  ...endsWell(seen),
  ...isInService(seen),
  ...leastInService(seen),
  ...oneStepRepeats(seen),
];

function endsWell({ journey, ended: { rollout }, before, now }: Seen): readonly string[] {
  const wanted = journey === "put-back" ? "failed" : "succeeded";
  const wrongState = rollout.state === wanted ? [] : [`it ${rollout.state}: ${rollout.error?.message ?? ""}`];
  const runsRight = ({ name, release }: HostNow) =>
    journey === "put-back"
      ? release === before.find((host) => host.name === name)?.release
      : release === rollout.release;
  return [
    ...wrongState,
    ...now.filter((host) => !runsRight(host)).map(({ name, release }) => `${name} runs ${release}`),
  ];
}

const isInService = ({ now }: Seen): readonly string[] =>
  now.filter(({ inService }) => !inService).map(({ name }) => `${name} is not in service`);

/** One batch of one host: between its drain and its admission no other may be taken out. */
function leastInService({ ended: { timeline } }: Seen): readonly string[] {
  const out = new Set<string>();
  for (const { host, step, phase } of timeline) {
    if (!host) continue;
    if (step === "drain" && phase === "started") out.add(host);
    if (step === "admit" && phase === "succeeded") out.delete(host);
    if (out.size > 1) return [`${[...out].join(" and ")} were out of service together`];
  }
  return [];
}

function oneStepRepeats({ ended: { timeline } }: Seen): readonly string[] {
  const repeated = timeline.filter(({ attempt, phase }) => attempt > 1 && phase === "started");
  return repeated.length <= 1 ? [] : [`repeated: ${repeated.map(({ host, step }) => `${host} ${step}`).join(", ")}`];
}
