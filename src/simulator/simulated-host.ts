import { SlipwayError } from "#core/errors.ts";
import type { Timers } from "#engine/acts.ts";
import type { Clock } from "#ports/clock.ts";
import type { ContainerSight, HostTurn } from "#ports/containers.ts";
import { answersAt, type Program } from "#simulator/program.ts";

export type Time = Clock & Timers;

/** `ours`: a command of Slipway was the cause; whatever else happens to a host or a balancer is the world's doing. */
export type Cause = "ours" | "theirs";

export type Kept = { sight: ContainerSight; startedAt: number; program: Program };

/** One machine that runs containers, as far as a rollout can notice. */
export class SimulatedHost {
  readonly name: string;
  readonly containers = new Map<string, Kept>();
  readonly digests = new Set<string>();
  hasPower = true;
  /** The way from Slipway to the machine; its balancers have their own. */
  isWayOpen = true;
  /** Why its engine refuses to start anything. */
  startFailure: SlipwayError | undefined;
  /** Called after everything that may change what it answers. */
  onChange: (cause: Cause) => void = () => {};
  readonly #time: Time;
  /** The greatest turn it has seen, by place. */
  readonly #turns = new Map<string, number>();

  constructor(name: string, time: Time) {
    this.name = name;
    this.#time = time;
  }

  /** Rejects as a command would whose machine is off, or cannot be reached. */
  reach(): void {
    if (this.hasPower && this.isWayOpen) return;
    throw new SlipwayError("host.unreachable", `Could not reach ${this.name}.`, { host: this.name });
  }

  /** A later turn than every one before; a lesser one is refused. */
  takeTurn({ turn: { place, number } }: Pick<HostTurn, "turn">): void {
    const seen = this.#turns.get(place) ?? 0;
    if (number < seen)
      throw new SlipwayError("host.fenced", `${this.name} has seen turn ${seen}; ${number} comes too late.`);
    this.#turns.set(place, number);
  }

  running(port?: number): Kept | undefined {
    return [...this.containers.values()].find(
      ({ sight }) => sight.state === "running" && (port === undefined || sight.hostPort === port),
    );
  }

  answers(port: number): boolean {
    const kept = this.hasPower ? this.running(port) : undefined;
    return kept !== undefined && answersAt(kept.program, this.name, this.#time.now() - kept.startedAt);
  }

  put(sight: ContainerSight, program: Program, cause: Cause): void {
    this.containers.set(sight.name, { sight, startedAt: this.#time.now(), program });
    this.run(sight.name, cause);
  }

  /** The container runs from now on, with all that its program does by itself later. */
  run(name: string, cause: Cause): void {
    const kept = this.containers.get(name);
    if (!kept)
      throw new SlipwayError("container.start-failed", `${this.name} has no container ${name}.`, { host: this.name });
    const { exitCode: _, ...sight } = kept.sight;
    kept.sight = { ...sight, state: "running" };
    kept.startedAt = this.#time.now();
    const { startedAt, program } = kept;
    const isSameRun = () => kept.startedAt === startedAt && kept.sight.state === "running";
    for (const ms of program.turnsAfterMs)
      this.#time.after(ms, () => (isSameRun() ? this.onChange("theirs") : undefined));
    if (program.exitsAfterMs === 0) kept.sight = { ...kept.sight, state: "restarting", restarts: 1, exitCode: 1 };
    else if (program.exitsAfterMs !== undefined)
      this.#time.after(program.exitsAfterMs, () => (isSameRun() ? this.exit(name) : undefined));
    this.onChange(cause);
  }

  /** The program ends by itself, and the engine tries again and again. */
  exit(name: string): void {
    this.#change(name, { state: "restarting", restarts: 1, exitCode: 1 });
    this.onChange("theirs");
  }

  stop(name: string, cause: Cause): void {
    if (!this.containers.has(name)) return;
    this.#change(name, { state: "stopped" });
    this.onChange(cause);
  }

  /** Whatever its program does otherwise. */
  setAnswering(name: string, isGood: boolean): void {
    const kept = this.containers.get(name);
    if (kept) kept.program = { ...kept.program, turnsAfterMs: isGood ? [0] : [] };
    this.onChange("theirs");
  }

  cutPower(): void {
    this.hasPower = false;
    this.onChange("theirs");
  }

  /** What ran before runs again, from its beginning. */
  givePower(): void {
    this.hasPower = true;
    for (const { sight } of this.containers.values()) if (sight.state === "running") this.run(sight.name, "theirs");
    this.onChange("theirs");
  }

  #change(name: string, change: Partial<ContainerSight>): void {
    const kept = this.containers.get(name);
    if (kept) kept.sight = { ...kept.sight, ...change };
  }
}
