import { ActsUnderWay, outcomeOf, realTimers, type Timers, unwrap } from "#engine/acts.ts";
import type { Child, Engine, Outcome, QueuePlace, Run, Workflow } from "#engine/run.ts";

type Started = { workflow: string; input: unknown; queue?: QueuePlace; outcome?: Outcome<unknown> };
type Recorded = { name: string; outcome: Outcome<unknown> };

/** What survives a kill: give the same journal to the next engine. */
export class MemoryJournal {
  readonly started = new Map<string, Started>();
  readonly steps = new Map<string, Recorded[]>();
  readonly messages = new Map<string, unknown[]>();
}

/** Where a simulation may kill the process: before an act, or after it and before its record. */
export type KillPoint = {
  readonly run: string;
  readonly step: string;
  /** The place of the record in the run, from 0: a name may come again. */
  readonly index: number;
  readonly when: "before" | "after";
};

type AnyWorkflow = { name: string; run: (run: Run, input: never) => Promise<unknown> };

type Options = {
  readonly workflows: readonly AnyWorkflow[];
  readonly journal?: MemoryJournal;
  /** Asked at every point; true kills: nothing of this engine moves again. */
  readonly kill?: (point: KillPoint) => boolean;
  readonly timers?: Timers;
};

/**
 * The engine in memory, for simulations and tests: same promises as on PostgreSQL, with a journal that the test
 * holds. It passes the same contract suite.
 */
export class MemoryEngine implements Engine {
  readonly #workflows: Map<string, AnyWorkflow>;
  readonly #journal: MemoryJournal;
  readonly #kill: (point: KillPoint) => boolean;
  readonly #acts: ActsUnderWay;
  readonly #timers: Timers;
  readonly #running = new Map<string, Promise<Outcome<unknown>>>();
  readonly #partitions = new Map<string, Promise<unknown>>();
  readonly #waiting = new Map<string, () => void>();
  #isDead = false;
  #died: () => void = () => {};
  /** Resolves when a kill point was taken. */
  readonly death: Promise<void>;

  constructor(options: Options) {
    this.#workflows = new Map(options.workflows.map((workflow) => [workflow.name, workflow]));
    this.#timers = options.timers ?? realTimers;
    this.#acts = new ActsUnderWay(this.#timers);
    this.#journal = options.journal ?? new MemoryJournal();
    this.#kill = options.kill ?? (() => false);
    this.death = new Promise((resolve) => {
      this.#died = resolve;
    });
    for (const [id, started] of this.#journal.started) if (!started.outcome) this.#launch(id, started);
  }

  async start<I, O>(workflow: Workflow<I, O>, id: string, input: I, queue?: QueuePlace): Promise<void> {
    if (this.#journal.started.has(id)) return;
    const started: Started = { workflow: workflow.name, input: plain(input), ...(queue ? { queue } : {}) };
    this.#journal.started.set(id, started);
    this.#launch(id, started);
  }

  async result<O>(id: string): Promise<O> {
    const done = this.#journal.started.get(id)?.outcome;
    return unwrap((done ?? (await this.#running.get(id)) ?? (await never())) as Outcome<O>);
  }

  async signal(id: string, topic: string, message: unknown): Promise<void> {
    const key = `${id} ${topic}`;
    this.#journal.messages.set(key, [...(this.#journal.messages.get(key) ?? []), message]);
    this.#waiting.get(key)?.();
  }

  async stop(): Promise<void> {
    await this.#acts.stop();
  }

  #launch(id: string, started: Started): void {
    const workflow = this.#workflows.get(started.workflow);
    if (!workflow) throw new Error(`workflow "${started.workflow}" was not registered`);
    const body = async () => {
      const outcome = await outcomeOf(workflow.run(this.#runFor(id), started.input as never));
      if (this.#isDead || this.#acts.isStopping) return never<Outcome<unknown>>();
      started.outcome = plain(outcome);
      return started.outcome;
    };
    const place = started.queue && `${started.queue.queue} ${started.queue.partition}`;
    const before = place === undefined ? Promise.resolve() : (this.#partitions.get(place) ?? Promise.resolve());
    const running = before.then(body);
    if (place !== undefined) this.#partitions.set(place, running);
    this.#running.set(id, running);
  }

  #runFor(id: string): Run {
    let next = 0;
    const record = async <T>(
      name: string,
      act: () => Promise<Outcome<T>>,
      whenRecorded?: (outcome: Outcome<T>) => void,
    ): Promise<Outcome<T>> => {
      const index = next++;
      const steps = this.#journal.steps.get(id) ?? [];
      this.#journal.steps.set(id, steps);
      const kept = steps[index];
      if (kept && kept.name !== name)
        throw new Error(`replay of ${id} met "${name}" where "${kept.name}" was recorded`);
      if (kept) return kept.outcome as Outcome<T>;
      if (this.#diesAt({ run: id, step: name, index, when: "before" })) return never();
      const outcome = plain(await act());
      if (this.#diesAt({ run: id, step: name, index, when: "after" })) return never();
      steps[index] = { name, outcome };
      whenRecorded?.(outcome);
      return outcome;
    };
    return {
      id,
      step: async (name, timeoutMs, act) => unwrap(await record(name, () => this.#acts.perform(name, timeoutMs, act))),
      child: async <I, O>(
        workflow: Workflow<I, O>,
        childId: string,
        input: I,
        queue?: QueuePlace,
      ): Promise<Child<O>> => {
        await record(`start ${childId}`, () => outcomeOf(this.start(workflow, childId, input, queue)));
        return { id: childId, result: () => this.result<O>(childId) };
      },
      gate: async <T>(topic: string, timeoutMs: number) => {
        const key = `${id} ${topic}`;
        const wait = () => outcomeOf(this.#message<T | undefined>(key, timeoutMs));
        // A message is taken together with its record: a kill between the two must not lose a person's choice.
        const take = (outcome: Outcome<T | undefined>) => {
          if (outcome.ok && outcome.value !== undefined) this.#journal.messages.get(key)?.shift();
        };
        return unwrap(await record(`gate ${topic}`, wait, take));
      },
      signal: async (to, topic, message) =>
        unwrap(await record(`signal ${to} ${topic}`, () => outcomeOf(this.signal(to, topic, message)))),
    };
  }

  #diesAt(point: KillPoint): boolean {
    if (!this.#isDead && this.#kill(point)) {
      this.#isDead = true;
      this.#died();
    }
    return this.#isDead;
  }

  #message<T>(key: string, timeoutMs: number): Promise<T | undefined> {
    const first = () => this.#journal.messages.get(key)?.[0] as T | undefined;
    const waiting = first();
    if (waiting !== undefined) return Promise.resolve(waiting);
    return new Promise((resolve) => {
      const settle = () => {
        clear();
        this.#waiting.delete(key);
        resolve(first());
      };
      const clear = this.#timers.after(timeoutMs, settle);
      this.#waiting.set(key, settle);
    });
  }
}

const never = <T>(): Promise<T> => new Promise<T>(() => {});

/** What a database would give back: so that a test on this engine finds values that JSON would lose. */
const plain = <T>(value: T): T => (value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T));
