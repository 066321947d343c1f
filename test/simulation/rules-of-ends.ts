import { isFinal, type Rollout } from "#core/rollout.ts";
import type { SimulatedFleet } from "#simulator/simulated-fleet.ts";
import type { SimulatedHost } from "#simulator/simulated-host.ts";
import type { SimulatedServer } from "#simulator/simulated-server.ts";
import type { Rule, Stand } from "./watch.ts";

/** Rollouts that end with something left to a person, and say so. */
const leavesWork = new Set(["stuck", "aborted"]);

/** 3. What we switch off is recorded first and given back; what others switched off stays so. */
export const nothingStaysOff: Rule = (stand) => {
  const { fleet, holds, othersOff, rollouts, say } = stand;
  const nameOf = (server: SimulatedServer) =>
    `${fleet.balancers.find(({ servers }) => servers.includes(server))?.name}/${server.name}`;
  const isHeld = (server: SimulatedServer) =>
    [...holds.values()].some(({ kind, subject }) => kind === "drain" && subject.endsWith(`/${server.name}`));
  return {
    onCommand(command, server) {
      if (command === "drain" && !isHeld(server)) say(`${server.name} was drained and no hold says so`);
    },
    onTurn(server, turn, cause) {
      if (turn === "enters" && cause === "ours" && othersOff.has(nameOf(server)))
        say(`${server.name} serves again, which somebody else had in maintenance`);
    },
    onEnd() {
      for (const { kind, subject, rolloutId } of holds.values()) {
        const owner = rollouts.get(rolloutId);
        // The place that a blue-green rollout left may stay drained where its host could not be reached any more.
        const isLeft =
          kind === "drain" &&
          owner &&
          (leavesWork.has(owner.state) ||
            (owner.state === "succeeded" && owner.plan?.skipped.length) ||
            owner.plan?.strategy === "blue-green");
        if (!isLeft) say(`${kind} of ${subject} is still held by rollout ${owner?.number} (${owner?.state})`);
      }
      for (const { servers } of fleet.balancers)
        for (const server of servers)
          if (server.admin !== "ready" && !othersOff.has(nameOf(server)) && !isHeld(server))
            say(`${server.name} is still in ${server.admin}, and nobody holds it so`);
    },
  };
};

/** What runs on a host, and which of it is in use. */
type Runs = { readonly names: readonly string[]; readonly inUse: string | undefined };

function runsOn(fleet: SimulatedFleet, host: SimulatedHost): Runs {
  const kept = [...host.containers.values()].filter(({ sight }) => sight.state !== "stopped");
  const servers = fleet.serversOf(host);
  const serving = kept.filter(({ sight }) => servers.some((server) => server.isIn && server.port === sight.hostPort));
  const [inUse, ...others] = serving.length > 0 ? serving : kept;
  return {
    names: kept.map(({ sight }) => sight.name),
    inUse: others.length === 0 ? inUse?.sight.name : undefined,
  };
}

/** What was in use runs, and nothing that was not there. */
const isAsBefore = (now: Runs, before: Runs): boolean =>
  now.names.every((name) => before.names.includes(name)) &&
  (before.inUse === undefined || now.names.includes(before.inUse)) &&
  now.names.length > 0 === before.names.length > 0;

/** 6. All hosts on the new release, all as they were, or a person is told. */
export const endsWell: Rule = ({ fleet, rollouts, othersOff, say }) => {
  const before = new Map<string, ReadonlyMap<string, Runs>>();
  const told = new Set<string>();
  const begin = (now: Rollout) => {
    const last = [...rollouts.values()].findLast((other) => other.id !== now.id && other.startedAt !== undefined);
    const inherited = last?.state === "superseded" && (last.touched?.length ?? 0) > 0 ? before.get(last.id) : undefined;
    const seen = new Map([...fleet.hosts].map(([name, host]) => [name, runsOn(fleet, host)]));
    before.set(now.id, inherited ?? seen);
  };
  const isOthers = (host: SimulatedHost) =>
    [...othersOff].some((name) => fleet.serversOf(host).some((server) => name.endsWith(`/${server.name}`)));
  const checkSucceeded = (now: Rollout) => {
    for (const host of plannedHosts(now).map((name) => fleet.host(name))) {
      const release = host.containers.get(runsOn(fleet, host).inUse ?? "")?.sight.release;
      if (host.hasPower && release !== now.release && release !== undefined)
        say(`rollout ${now.number} succeeded and ${host.name} runs release ${release}`);
      const isWell = fleet
        .serversOf(host)
        .some(({ port }) => host.answers(port) && host.running(port)?.sight.release === now.release);
      if (
        isWell &&
        !isOthers(host) &&
        !fleet.isInService(host) &&
        !fleet.serversOf(host).some((server) => server.isCheckDue)
      )
        say(`rollout ${now.number} succeeded and ${host.name} is not in service`);
    }
  };
  const checkPutBack = (now: Rollout) => {
    for (const [name, was] of before.get(now.id) ?? []) {
      const runs = runsOn(fleet, fleet.host(name));
      if (isAsBefore(runs, was)) continue;
      say(`rollout ${now.number} ${now.state} and ${name} runs ${runs.names}; it ran ${was.names} (${was.inUse})`);
    }
  };
  return {
    onRollout(now, last) {
      if (now.state === "running" && last?.state === "waiting") begin(now);
      if (!isFinal(now.state) || last === undefined || isFinal(last.state) || last.state === "waiting") return;
      if (now.state === "succeeded") checkSucceeded(now);
      if (now.state === "failed" || now.state === "cancelled" || now.state === "refused") checkPutBack(now);
    },
    onNotice: ({ rollout, event }) => void told.add(`${rollout} ${event}`),
    onEnd() {
      for (const now of rollouts.values())
        if (leavesWork.has(now.state) && !(told.has(`${now.number} failed`) && now.error))
          say(`rollout ${now.number} ended ${now.state} and nobody was told`);
      const last = [...rollouts.values()].findLast(({ startedAt }) => startedAt !== undefined);
      if (last?.state === "superseded") say(`nobody goes on with rollout ${last.number}, which was superseded`);
    },
  };
};

function plannedHosts({ plan, excluded = [] }: Rollout): string[] {
  const hosts = [
    ...(plan?.batches ?? []).flatMap((batch) => batch.hosts.map(({ name }) => name)),
    ...(plan?.upToDate ?? []),
  ];
  return hosts.filter((name) => !excluded.includes(name));
}

/** 9. Everything waits with an end: nothing is left that no rollout will ever end. */
export const everythingEnds: Rule = ({ rollouts, say }: Stand) => ({
  onEnd() {
    for (const { number, state } of rollouts.values())
      if (!isFinal(state)) say(`rollout ${number} is ${state} for ever`);
  },
});
