import type { RolloutDesk } from "#app/application.ts";
import { rollBack } from "#app/roll-back.ts";
import { correct } from "#app/start-rollout.ts";
import { cancelRollout, pauseRollout } from "#app/steer-rollout.ts";
import type { Pause } from "#core/rollout.ts";
import type { RunSpec } from "#core/service.ts";
import { exitingProgram, goodProgram, type Program, unhealthyProgram } from "#simulator/program.ts";
import { fleetSpecOf, usualRun } from "#simulator/simulated-world.ts";
import { happeningsOf } from "./faults.ts";
import type { Intervention, ProgramKind, Scenario } from "./scenario.ts";
import { type Happening, Simulation, type SimulationOptions } from "./simulation.ts";

const spares = 2;

/** The scenario on a stage of its own, before it begins; `change` breaks something on purpose. */
export function stageOf(scenario: Scenario, extra: Partial<SimulationOptions> = {}): Simulation {
  const { hosts, balancers, hasSecondPlaces, rollout, restartMs, interventions, faults } = scenario;
  const simulation = new Simulation({
    hosts,
    spares,
    balancers,
    hasSecondPlaces,
    rollout,
    run: runOf(scenario),
    program: programOf(scenario.program),
    restartMs,
    happenings: [...interventions.map(happeningOf), ...faults.flatMap(happeningsOf)],
    kill: killsOf(scenario),
    choose: (pause, count) => choiceOf(scenario, pause, count),
    ...extra,
  });
  beginOdd(simulation, scenario);
  return simulation;
}

export const place = { service: "hello", environment: "integration" } as const;

export const correctAll = (desk: RolloutDesk): Promise<unknown> => correct(desk, place);

function runOf({ hasHealthCheck }: Scenario): Partial<RunSpec> {
  if (hasHealthCheck) return {};
  const { health: _, ...run } = usualRun;
  return { ...run, health: undefined } as unknown as RunSpec;
}

function beginOdd({ fleet, watch }: Simulation, { downAtFirst, offAtFirst, hosts }: Scenario): void {
  for (let n = 0; n < Math.min(downAtFirst, hosts); n++) {
    const host = fleet.host(`web-${hosts - n}`);
    host.stop("seed-1", "theirs");
    for (const server of fleet.serversOf(host)) {
      server.belief = false;
      server.change("theirs");
    }
  }
  for (let n = 0; n < Math.min(offAtFirst, hosts); n++)
    for (const balancer of fleet.balancers) {
      balancer.server(`web-${n + 1}`).tell("maintenance", "theirs");
      watch.othersOff.add(`${balancer.name}/web-${n + 1}`);
    }
}

export function programOf(kind: ProgramKind): Program {
  switch (kind) {
    case "good":
      return goodProgram;
    case "slow":
      return { ...goodProgram, turnsAfterMs: [4_000] };
    case "unhealthy":
      return unhealthyProgram;
    case "exits":
      return exitingProgram;
    case "bad-somewhere":
      return { ...goodProgram, badOn: ["web-2", "web-5"] };
    case "goes-bad":
      return { ...goodProgram, turnsAfterMs: [100, 2_600] };
    case "flaps":
      return { ...goodProgram, turnsAfterMs: [100, 400, 600, 1_100, 1_300] };
    case "errors":
      return { ...goodProgram, errorPercent: 50 };
    case "long-requests":
      return { ...goodProgram, requestMs: 6_000 };
  }
  return kind satisfies never;
}

const happeningOf = ({ wish, atMs, program }: Intervention, index: number): Happening => ({
  atMs,
  act: (simulation) => intervene(simulation, { wish, program, index }),
});

async function intervene(
  simulation: Simulation,
  { wish, program, index }: Omit<Intervention, "atMs"> & { index: number },
): Promise<unknown> {
  const { open } = simulation;
  switch (wish) {
    case "commit":
      return simulation.commit(programOf(program));
    case "add-host":
      return addHost(simulation);
    case "late-command":
      return simulation.sendAgain(index);
    case "pause":
    case "cancel":
      return simulation.withServer((desk) =>
        open ? orTooLate(wish === "pause" ? pauseRollout(desk, open.id) : cancelRollout(desk, open.id)) : tooLate,
      );
    case "roll-back":
      return simulation.withServer((desk) => orTooLate(rollBack(desk, { ...place, release: 1, by: "somebody" })));
    case "correct":
      return simulation.withServer((desk) => orTooLate(correctAll(desk)));
  }
  return wish satisfies never;
}

/** What comes too late for its rollout is refused to the person, and changes nothing. */
const orTooLate = (asked: Promise<unknown>): Promise<unknown> => asked.catch(() => tooLate);
const tooLate = Promise.resolve("too late");

function addHost(simulation: Simulation): void {
  const group = simulation.spec.environments.integration?.services.hello;
  if (!group) return;
  const hosts = group.hosts.map(({ name }) => name);
  const added = hosts.filter((name) => name.startsWith("spare-")).length;
  if (added >= spares) return;
  simulation.spec = fleetSpecOf({
    hosts: [...hosts, `spare-${added + 1}`],
    balancers: group.balancers.map(({ name }) => name),
    ...(group.blueGreen ? { secondPort: group.blueGreen.port } : {}),
  });
}

function killsOf({ kills }: Scenario) {
  let passed = 0;
  return (_point: unknown, deaths: number): boolean => {
    const next = kills[deaths];
    if (next === undefined || passed++ < next) return false;
    passed = 0;
    return true;
  };
}

/** After the choices that were made up, a person gives up and has it put back. */
function choiceOf({ hosts, choices, chooseAfterMs }: Scenario, pause: Pause, count: number) {
  const wanted = choices[count];
  const action = wanted && pause.choices.includes(wanted) ? wanted : "put-back";
  // Where nothing failed, a person names one.
  const named = action === "exclude" && pause.hosts.length === 0 ? { hosts: [`web-${1 + (count % hosts)}`] } : {};
  return { action, afterMs: chooseAfterMs, ...named };
}
