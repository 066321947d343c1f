import { ActsUnderWay, outcomeOf, type Timers, unwrap } from "#engine/acts.ts";
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
export type KillPoint = { readonly run: string; readonly step: string; readonly when: "before" | "after" };

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
  readonly #running = new Map<string, Promise<Outcome<unknown>>>();
  readonly #partitions = new Map<string, Promise<unknown>>();
  readonly #waiting = new Map<string, (message: unknown) => void>();
  #isDead = false;
  #died: () => void = () => {};
  /** Resolves when a kill point was taken. */
  readonly death: Promise<void>;

  constructor(options: Options) {
    this.#workflows = new Map(options.workflows.map((workflow) => [workflow.name, workflow]));
    this.#acts = new ActsUnderWay(options.timers);
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
    const waiting = this.#waiting.get(key);
    if (waiting) return waiting(message);
    this.#journal.messages.set(key, [...(this.#journal.messages.get(key) ?? []), message]);
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
    const record = async <T>(name: string, act: () => Promise<Outcome<T>>): Promise<Outcome<T>> => {
      const index = next++;
      const steps = this.#journal.steps.get(id) ?? [];
      this.#journal.steps.set(id, steps);
      const kept = steps[index];
      if (kept && kept.name !== name)
        throw new Error(`replay of ${id} met "${name}" where "${kept.name}" was recorded`);
      if (kept) return kept.outcome as Outcome<T>;
      if (this.#diesAt({ run: id, step: name, when: "before" })) return never();
      const outcome = plain(await act());
      if (this.#diesAt({ run: id, step: name, when: "after" })) return never();
      steps[index] = { name, outcome };
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
      gate: async <T>(topic: string, timeoutMs: number) =>
        unwrap(
          await record(`gate ${topic}`, () => outcomeOf(this.#message<T | undefined>(`${id} ${topic}`, timeoutMs))),
        ),
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
    const queued = this.#journal.messages.get(key);
    if (queued && queued.length > 0) return Promise.resolve(queued.shift() as T);
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle(undefined), timeoutMs);
      const settle = (message: unknown) => {
        clearTimeout(timer);
        this.#waiting.delete(key);
        resolve(message as T | undefined);
      };
      this.#waiting.set(key, settle);
    });
  }
}

const never = <T>(): Promise<T> => new Promise<T>(() => {});

/** What a database would give back: so that a test on this engine finds values that JSON would lose. */
const plain = <T>(value: T): T => (value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T));
