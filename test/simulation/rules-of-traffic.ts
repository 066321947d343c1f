import type { SimulatedServer } from "#simulator/simulated-server.ts";
import type { Rule, Stand } from "./watch.ts";

/** A balancer's look is so old at the most when a drain begins: what the world took away since then nobody could know. */
const lookAgeMs = 1_000;

/** 1. Because of us, hosts in service never fall below what the plan asks for. */
export const capacity: Rule = ({ fleet, clock, rollouts, say }) => {
  const lostAt = new Map<SimulatedServer, number>();
  const backwards = new Set<string>();
  // The world kept us from putting these back: they are out because of it.
  const stuck = new Set<string>();
  return {
    onEvent({ host, direction, phase }) {
      if (host && direction === "back" && phase === "failed") stuck.add(host);
      if (!host || phase !== "started") return;
      if (direction === "back") backwards.add(host);
      else backwards.delete(host);
    },
    // Nothing ran there before, and nothing does again.
    onCommand: (command, server) => void (command === "undrain" && stuck.add(server.host.name)),
    onTurn(server, turn, cause) {
      if (turn === "enters") lostAt.delete(server);
      else if (cause === "theirs") lostAt.set(server, clock.now());
      if (turn !== "leaves" || cause !== "ours" || server.isForgotten) return;
      const open = [...rollouts.values()].find(({ state }) => state === "running" || state === "paused");
      const servers = fleet.balancers.find((balancer) => balancer.servers.includes(server))?.servers ?? [];
      const inService = new Set(servers.filter(({ isIn }) => isIn).map(({ host }) => host));
      if (!open?.plan || inService.has(server.host)) return;
      const isBack = backwards.has(server.host.name);
      const isExcused = (at: number) => isBack || clock.now() - at < lookAgeMs;
      const lost = [...lostAt].filter(([other, at]) => servers.includes(other) && isExcused(at));
      const excused = new Set([...stuck, ...lost.map(([other]) => other.host.name)]).size;
      // A put back takes one host at a time from as many as there were: those that were out before go out again.
      const asked = isBack ? Math.min(open.plan.minHealthy, open.plan.inService - 1) : open.plan.minHealthy;
      if (inService.size + excused >= asked) return;
      say(`${server.name} was taken out: ${inService.size} in service, ${open.plan.minHealthy} are asked for`);
    },
  };
};

type Proof = {
  by: string | undefined;
  isNew: boolean;
  startedAt: number;
  verdictAt: number;
  goodAt: number;
  goodSinceStart: number;
};

/** 2. No host gets traffic before its verdict is healthy; after a resume it is checked again. */
export const noEarlyTraffic: Rule = (stand) => {
  const proofs = new Map<string, Proof>();
  const keyOf = (host: string, port: number) => `${host}:${port}`;
  return {
    onContainer({ act, host, sight }) {
      if (act === "stop") return void proofs.delete(keyOf(host.name, sight.hostPort));
      const fresh = {
        by: openOf(stand),
        isNew: act === "start",
        startedAt: stand.order(),
        verdictAt: 0,
        goodAt: 0,
        goodSinceStart: -1,
      };
      proofs.set(keyOf(host.name, sight.hostPort), fresh);
    },
    onAnswer(host, port, isGood) {
      const proof = proofs.get(keyOf(host.name, port));
      if (!proof) return;
      proof.goodAt = isGood ? stand.order() : 0;
      proof.goodSinceStart = stand.starts();
    },
    onEvent({ step, phase, host }) {
      if (step !== "check" || phase !== "succeeded") return;
      for (const [key, proof] of proofs) if (key.startsWith(`${host}:`)) proof.verdictAt = stand.order();
    },
    onTurn(server, turn, cause) {
      if (turn !== "enters" || server.isForgotten) return;
      const proof = proofs.get(keyOf(server.host.name, server.port));
      // What ran before serves by itself again where its place was never taken from it.
      if (cause === "theirs" && !proof?.isNew) return;
      const complaint = proof && complaintOf(proof, cause === "ours" ? stand : undefined);
      if (complaint) stand.say(`${server.name} got traffic ${complaint}`);
    },
  };
};

const openOf = ({ rollouts }: Stand): string | undefined =>
  [...rollouts.values()].find(({ state }) => state === "running" || state === "paused")?.id;

function complaintOf({ by, startedAt, verdictAt, goodAt, goodSinceStart }: Proof, admitted: Stand | undefined) {
  if (verdictAt < startedAt) return "before its verdict";
  // What an earlier rollout had proved, and this one has not touched, is only given back.
  if (!admitted || by !== openOf(admitted)) return undefined;
  if (goodAt < startedAt) return "after a bad answer";
  // What the last process had sent before it died arrives a moment after its death: starts count, not deaths.
  return goodSinceStart < admitted.starts() ? "without a check since the server started again" : undefined;
}

/** No request fails because of what we do. */
export const noFailedRequest: Rule = ({ say }) => ({
  onLoss(_server, { requests, words, cause }) {
    if (cause === "ours" && requests > 0) say(`${requests} requests were lost: ${words}`);
  },
});
