import { goodProgram } from "#simulator/program.ts";
import type { SimulationOptions } from "../simulation/simulation.ts";

/** What is interrupted: rollouts that go well, that are put back and that a person rolls back, by every strategy that has a way of its own. */
export const journeyNames = [
  "rollout",
  "put-back",
  "roll-back",
  "blue-green",
  "blue-green put-back",
  "canary",
  "batches of two",
  "batches of two put-back",
  "two balancers",
  "holds",
] as const;
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
const goes = { ends: ["succeeded"], release: 2 };
const returns = { ends: ["failed"], release: 1 };
const blueGreen: SimulationOptions = {
  hosts,
  hasSecondPlaces: true,
  rollout: { strategy: "blue-green", bakeMs: 2_000 },
};
const canary = { hosts: { hosts: 1 }, bakeMs: 3_000, maxErrorPercent: 1, minRequests: 0, commands: [], queries: [] };
const pairs: SimulationOptions = { hosts, rollout: { batch: { hosts: 2 }, minHealthy: { hosts: 2 } } };

export const journeys: Readonly<Record<JourneyName, Journey>> = {
  rollout: { options: { hosts }, ...goes },
  "put-back": { options: { hosts, program: badOnThird }, ...returns },
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
  "blue-green": { options: blueGreen, ...goes },
  "blue-green put-back": { options: { ...blueGreen, program: badOnThird }, ...returns },
  canary: { options: { hosts, rollout: { strategy: "canary", canary } }, ...goes },
  "batches of two": { options: pairs, ...goes },
  "batches of two put-back": { options: { ...pairs, program: badOnThird }, ...returns },
  "two balancers": { options: { hosts, balancers: 2 }, ...goes },
  holds: {
    options: {
      hosts,
      rollout: { bakeMs: 2_000 },
      holds: {
        alerts: [{ kind: "command", name: "pager", hold: ["x"], release: ["y"], timeoutMs: 1_000 }],
        autoscaling: [{ kind: "simulated", name: "web" }],
      },
    },
    ...goes,
  },
};
