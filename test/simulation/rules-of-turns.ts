import { isFinal, type Rollout } from "#core/rollout.ts";
import type { Rule } from "./watch.ts";

const isUnderWay = ({ state }: Rollout): boolean => state === "running" || state === "paused";

/** 4. One rollout at a time in a place; a newer one replaces only one that waits. */
export const oneAtATime: Rule = ({ rollouts, say }) => ({
  onRollout(now) {
    const open = [...rollouts.values()].filter(isUnderWay);
    if (isUnderWay(now) && open.length > 1)
      say(`rollouts ${open.map(({ number }) => number).join(" and ")} run side by side`);
  },
  onEvent({ rolloutId, step, phase, host }) {
    const kept = rollouts.get(rolloutId);
    if (kept && host && phase === "started" && isFinal(kept.state))
      say(`${step} ${host} began after the end (${kept.state})`);
  },
});

/** 5. A host never goes to an older release except by put back or roll back. */
export const monotonic: Rule = ({ rollouts, say }) => {
  const newest = new Map<string, number>();
  const direction = new Map<string, string | undefined>();
  // What a person wants put right is put on what is live, whatever it runs.
  const live = () => [...rollouts.values()].findLast(({ state }) => state === "succeeded")?.release;
  return {
    onEvent(event) {
      if (event.host && event.phase === "started") direction.set(event.host, event.direction);
    },
    onContainer({ act, host: { name }, sight }) {
      const before = newest.get(name) ?? 0;
      // What was put back to nothing has nothing to go back from.
      if (act === "stop" && direction.get(name) === "back") newest.delete(name);
      if (act === "stop") return;
      const { reason } = [...rollouts.values()].find(({ number }) => number === sight.rollout) ?? {};
      const isAllowed =
        direction.get(name) === "back" ||
        reason === "rollback" ||
        sight.release >= before ||
        (reason === "correct" && sight.release === live());
      if (!isAllowed) say(`${name} went from release ${before} to ${sight.release}`);
      newest.set(name, sight.release);
    },
  };
};

/** 7. A roll back follows a rollout at most once (those that `somebody` asked for apart), never to an identical release; a host is put back once. */
export const rollbackOnce: Rule = ({ rollouts, say }) => {
  const backs = new RunsOfHosts();
  let isLive: number | undefined;
  return {
    onRollout(now, before) {
      if (now.state === "succeeded") isLive = now.release;
      if (before || now.reason !== "rollback" || now.by === "somebody") return;
      const origins = [...rollouts.values()].filter(({ state }) => state === "aborted").length;
      const all = [...rollouts.values()].filter(({ reason, by }) => reason === "rollback" && by !== "somebody").length;
      if (all > origins) say(`${all} roll backs after ${origins} rollouts that ended for one`);
      const origin = [...rollouts.values()].findLast(({ state }) => state === "aborted");
      if (origin?.release === now.release) say(`rolled back from release ${now.release} to itself (live: ${isLive})`);
    },
    onEvent({ host, direction, phase }) {
      if (host && direction === "back" && phase === "failed") backs.forgive(host);
    },
    onPoint({ run, step, when }) {
      if (when === "after" || !step.startsWith("back ") || !step.endsWith(" replace")) return;
      if (backs.see(run) > 1) say(`${run} puts a host back for the second time`);
    },
  };
};

/** Counts the runs of their own that a rollout gave each host; neither a resumed one nor one that failed counts again. */
class RunsOfHosts {
  readonly #runs = new Map<string, Set<string>>();

  forgive(host: string): void {
    for (const key of this.#runs.keys()) if (key.endsWith(`/${host}`)) this.#runs.delete(key);
  }

  see(run: string): number {
    const key = run.slice(0, run.lastIndexOf("/"));
    const runs = this.#runs.get(key) ?? new Set();
    this.#runs.set(key, runs.add(run));
    return runs.size;
  }
}

/** 8. What is refused has touched nothing. */
export const neverDegrades: Rule = ({ rollouts, say }) => {
  const touchers = new Set<string>();
  return {
    onEvent({ rolloutId, host, phase }) {
      if (host && phase === "started") touchers.add(rolloutId);
    },
    onRollout(now) {
      if (now.state === "refused" && touchers.has(now.id)) say(`rollout ${now.number} was refused after it had begun`);
    },
    onContainer({ act, host, sight }) {
      const open = [...rollouts.values()].find(isUnderWay);
      if (!open?.plan?.refusals.length || act !== "start") return;
      say(`${sight.name} was started on ${host.name} against a refusal: ${open.plan.refusals[0]?.reason}`);
    },
  };
};

/** 10. After a death only the step that it interrupted is done again. */
export const onlyInterruptedRepeats: Rule = ({ deaths, say }) => {
  const begun = new Map<string, number>();
  const ended = new Set<string>();
  return {
    onPoint({ run, step, index, when }) {
      const act = `${run} ${index} ${step}`;
      if (when === "after") return void ended.add(act);
      if (ended.has(act)) say(`${act} was done again after it was recorded`);
      if (begun.get(act) === deaths()) say(`${act} was begun twice by one server`);
      begun.set(act, deaths());
    },
  };
};

/** No host is visited twice for one release, unless a person wants it tried again. */
export const noSecondVisit: Rule = ({ rollouts, say }) => {
  const visits = new RunsOfHosts();
  let retries = 0;
  return {
    onEvent({ step, message }) {
      if (step === "steer" && /chose (retry|exclude .)/.test(message ?? "")) retries++;
    },
    onPoint({ run, step }) {
      if (!step.startsWith("forward ") || !step.endsWith(" replace")) return;
      const times = visits.see(run);
      if (times > 1 + retries) say(`${run} visits a host for the ${times}th time`);
    },
    onRollout(now, before) {
      if (now.state !== "superseded" || before?.state !== "running") return;
      const next = [...rollouts.values()].find(({ number }) => number === now.supersededBy);
      if (!next || next.release <= now.release) say(`rollout ${now.number} made way for no newer release`);
    },
  };
};

/** A command that comes too late is refused: a host sees turns only grow. */
export const fenced: Rule = ({ say }) => {
  const greatest = new Map<string, number>();
  return {
    onContainer({ host: { name }, act, sight, turn }) {
      const seen = greatest.get(name) ?? 0;
      if (turn < seen) say(`${name}: ${act} ${sight.name} by turn ${turn} after ${seen}`);
      greatest.set(name, Math.max(seen, turn));
    },
  };
};
