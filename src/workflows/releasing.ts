import type { ErrorRecord } from "#core/errors.ts";
import type { ServiceGroup } from "#core/fleet.ts";
import type { Batch } from "#core/plan.ts";
import type { HostEnd } from "#core/rollout.ts";
import { outcomeOf } from "#engine/acts.ts";
import type { Run, Workflow } from "#engine/run.ts";
import { atGate } from "#workflows/at-gate.ts";
import { type Course, courseOf, widenedGroup } from "#workflows/course.ts";
import { type Decision, decide, type Ending, type Failure } from "#workflows/decide.ts";
import { hostPatienceMs, putBackHost } from "#workflows/put-back-host.ts";
import { type HostWish, replaceHost } from "#workflows/replace-host.ts";
import { previousOf } from "#workflows/running-before.ts";
import type { TrafficWatch } from "#workflows/traffic.ts";
import type { World } from "#workflows/world.ts";

/** What one rollout has done so far, rebuilt from the records by every resume. */
export class Releasing {
  readonly run: Run;
  readonly world: World;
  /** Widened when hosts join in mid-rollout. */
  course: Course;
  readonly traffic: TrafficWatch;
  /** Every host that was visited, in the order of the visits. */
  visited: readonly HostEnd[] = [];
  /** Hosts that were left out and run what they ran before. */
  excluded: readonly string[] = [];
  /** How many of them failed. */
  failures = 0;
  /** Hosts that run again what they ran before. */
  readonly #isBack = new Set<string>();
  /** Pauses and child runs so far: each gets a name of its own. */
  #names = 0;

  constructor(run: Run, world: World, course: Course, traffic: TrafficWatch) {
    this.run = run;
    this.world = world;
    this.course = course;
    this.traffic = traffic;
  }

  /** Every host of the batch is on the release and serves, or is left out; or how the rollout must end. */
  async batch(batch: Batch, visit: Visit = replaceHost, decideOn: DecideOn = decide): Promise<Ending | undefined> {
    let hosts = batch.hosts.filter(({ name }) => !this.excluded.includes(name));
    while (hosts.length > 0) {
      // Before a retry as well: a person may have taken hours, and the world has not waited.
      const stop = await atGate(this, { ...batch, hosts });
      if (stop) return stop;
      // A person may have left some of them out there.
      hosts = hosts.filter(({ name }) => !this.excluded.includes(name));
      if (hosts.length === 0) return undefined;
      const ends = await this.#visitAll(
        visit,
        hosts.map(({ name }) => name),
      );
      const failed = ends.filter((end) => end.error);
      const [first] = failed;
      if (!first?.error) return this.traffic.startAfterFirst();
      const names = failed.map((end) => end.host);
      const decision = await decideOn(this, failureOf(names, first.error));
      if (decision === "leave-out") return this.leaveOut(names, names);
      if (decision !== "retry") return decision === "continue" ? undefined : decision;
      hosts = hosts.filter(({ name }) => names.includes(name) && !this.excluded.includes(name));
    }
    return undefined;
  }

  /** Hosts of the group in force join; one that was taken out of fleet.yaml meanwhile can still be put back. */
  widen(group: ServiceGroup): void {
    this.course = { ...this.course, group: widenedGroup(this.course.group, group) };
  }

  /** Hosts that were not touched, and will not be. */
  leaveAlone(hosts: readonly string[]): void {
    this.excluded = [...this.excluded, ...hosts];
  }

  /** The same, because they failed. */
  leaveOutUntouched(hosts: readonly string[]): void {
    this.failures += hosts.length;
    this.leaveAlone(hosts);
  }

  /** A name that no other run or pause of this rollout has: the same one on every resume. */
  nextName(): number {
    return ++this.#names;
  }

  /** Every host side by side; each has ended when it resolves, also when one failed early. */
  async #visitAll(visit: Visit, hosts: readonly string[]): Promise<readonly HostEnd[]> {
    const { run, world, course } = this;
    const round = this.nextName();
    const own = courseOf(course, hosts);
    const children = [];
    for (const host of hosts) {
      const again = this.visited.find((end) => end.host === host);
      const wish = { course: own, host, batch: hosts, ...(again ? { again } : {}) };
      children.push(await run.child(visit(world), `${course.rolloutId}/${host}/${round}`, wish));
    }
    const ends: HostEnd[] = [];
    for (const [index, child] of children.entries()) {
      const outcome = await outcomeOf(child.result());
      // Its siblings are waited for all the same, and what they changed is known.
      ends.push(outcome.ok ? outcome.value : unknownEnd(course, hosts[index] ?? "", outcome.error));
    }
    this.visited = mergeEnds(this.visited, ends);
    return ends;
  }

  /** Those of them that were visited run again what they ran before; the rollout goes on without all of them. */
  async leaveOut(hosts: readonly string[], failed: readonly string[]): Promise<Ending | undefined> {
    // As they are remembered over all visits: the last one found nothing of what ran before the first.
    const stuck = await this.putBack(this.visited.filter(({ host }) => hosts.includes(host)));
    // What could not be put back is tried again with everything else, and said.
    if (stuck) return { kind: "put-back", error: stuck };
    this.failures += failed.length;
    this.leaveAlone(hosts);
    this.visited = this.visited.filter((end) => !this.excluded.includes(end.host));
    return undefined;
  }

  /**
   * Newest first: the host that failed is the one that is out. Resolves with what is still wrong, if anything is. Where
   * what ran before is bad by now, or no host can be spared, the others stay as they are: they serve.
   */
  async putBack(ends: readonly HostEnd[]): Promise<ErrorRecord | undefined> {
    const { run, world, course } = this;
    const round = this.nextName();
    let stuck: ErrorRecord | undefined;
    for (const { error: _, ...end } of mergeEnds(course.inherited, ends).toReversed()) {
      if (!ends.some(({ host }) => host === end.host)) continue;
      const child = await run.child(putBackHost(world), `${course.rolloutId}/${end.host}/${round}`, {
        course: courseOf(course, [end.host]),
        end,
        floor: this.#floorOfPutBack(),
        // What keeps one away may keep all of them away: the minute is for all together.
        patienceMs: stuck ? 0 : hostPatienceMs,
      });
      const { error } = await child.result();
      if (!error) this.#isBack.add(end.host);
      stuck ??= error;
      if (error && holdsForOthers(error)) return stuck;
    }
    return stuck;
  }

  /** One at a time from as many as served before this rollout and those it took over. */
  #floorOfPutBack(): number {
    const { plan, inherited } = this.course;
    const served = plan.inService - inherited.filter(({ wasDown }) => wasDown).length;
    return Math.max(0, Math.min(plan.minHealthy, served - 1));
  }

  /** Everything this rollout and those it took over have changed and not put back already. */
  touched(): readonly HostEnd[] {
    return mergeEnds(this.course.inherited, this.visited).filter(({ host }) => !this.#isBack.has(host));
  }
}

/** A child that did not even come to an end of its own; nothing is known of what it changed. */
const unknownEnd = ({ release }: Course, host: string, error: ErrorRecord): HostEnd => ({
  host,
  previous: [],
  port: release.run.port,
  isReplaced: false,
  error,
});

/** What ran before is bad by now, and would be on the next host as well; or no other host can be spared. */
const holdsForOthers = ({ code }: ErrorRecord): boolean =>
  code.startsWith("check.") || code === "container.exited" || code === "capacity.lost";

type DecideOn = (releasing: Releasing, failure: Failure) => Promise<Decision>;

export type Visit = (world: World) => Workflow<HostWish, HostEnd>;

const failureOf = (hosts: readonly string[], error: ErrorRecord): Failure => ({
  why: "failure",
  hosts,
  error,
  choices: ["retry", "exclude", "put-back", "roll-back", "abort"],
});

/** A host that was visited again keeps what it ran before its first visit, and goes to the end: it is the newest. */
export function mergeEnds(earlier: readonly HostEnd[], later: readonly HostEnd[]): readonly HostEnd[] {
  const merged = later.map((end): HostEnd => {
    const first = earlier.find(({ host }) => host === end.host);
    if (!first?.isReplaced) return end;
    const { host, port, reused, error } = end;
    return {
      ...previousOf(first),
      ...(first.wasDown ? { wasDown: true } : {}),
      host,
      port,
      isReplaced: true,
      ...(reused ? { reused } : {}),
      ...(error ? { error } : {}),
    };
  });
  return [...earlier.filter(({ host }) => !later.some((end) => end.host === host)), ...merged];
}
