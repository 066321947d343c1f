import { goodProgram } from "#simulator/program.ts";
import type { SimulationOptions } from "../simulation/simulation.ts";

/** What is interrupted: a rollout that goes well, one that is put back, and one that a person rolls back. */
export const journeyNames = ["rollout", "put-back", "roll-back"] as const;
export type JourneyName = (typeof journeyNames)[number];

export type Journey = {
  readonly options: SimulationOptions;
  /** How each of its rollouts must end, whatever was killed. */
  readonly ends: readonly string[];
  /** What every host runs afterwards. */
  readonly release: number;
};

const badOnThird = { ...goodProgram, badOn: ["web-3"] };
const hosts = 4;

export const journeys: Readonly<Record<JourneyName, Journey>> = {
  rollout: { options: { hosts }, ends: ["succeeded"], release: 2 },
  "put-back": { options: { hosts, program: badOnThird }, ends: ["failed"], release: 1 },
  "roll-back": {
    options: {
      hosts,
      program: badOnThird,
      rollout: { onFailure: "pause" },
      choose: () => ({ action: "roll-back", afterMs: 1_000 }),
    },
    ends: ["aborted", "succeeded"],
    release: 1,
  },
};
