import type { ErrorRecord } from "#core/errors.ts";

/** What a recorded act came to: a failure is recorded like a success, so that a resume takes the same branch. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ErrorRecord };

/**
 * One durable run of a workflow. A workflow is an ordinary function that calls these verbs in a deterministic order;
 * killed at any instant and started again, it gets the recorded outcomes back and goes on where it was.
 * Whatever is passed in or returned must be plain JSON.
 */
export interface Run {
  readonly id: string;
  /**
   * Does the act at least once and records what it came to; after that the record is returned without acting.
   * The act gets a signal that carries the deadline. Rejects with the act's SlipwayError, on a replay too.
   * An act that was interrupted (kill, stop of the server) leaves no record and is done again: it must be repeatable.
   */
  step<T>(name: string, timeoutMs: number, act: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /**
   * Starts another workflow under that id, or finds the one that was started with it. `result` waits for its end and
   * rejects with its SlipwayError. Children run side by side; await their results in a fixed order.
   */
  child<I, O>(workflow: Workflow<I, O>, id: string, input: I, queue?: QueuePlace): Promise<Child<O>>;
  /** Waits for a message sent with `Engine.signal(id, topic)`; undefined when none came in time. */
  gate<T>(topic: string, timeoutMs: number): Promise<T | undefined>;
  /** As `Engine.signal`, once however often the run is resumed. */
  signal(id: string, topic: string, message: unknown): Promise<void>;
}

export type Child<O> = { readonly id: string; result(): Promise<O> };

export type Workflow<I, O> = {
  readonly name: string;
  readonly run: (run: Run, input: I) => Promise<O>;
};

/** Workflows of one partition of a queue run one at a time, in the order they were started. */
export type QueuePlace = { readonly queue: QueueName; readonly partition: string };

export const queueNames = ["rollouts", "builds", "notices"] as const;
export type QueueName = (typeof queueNames)[number];

/** Starts workflows and brings back those that a dead server left. */
export interface Engine {
  /**
   * The workflow is recorded when it resolves, and will run to its end whatever happens to this process. A second
   * call with the same id starts nothing.
   */
  start<I, O>(workflow: Workflow<I, O>, id: string, input: I, queue?: QueuePlace): Promise<void>;
  /** Waits for the end of a workflow that was started, by whomever; rejects with its SlipwayError. */
  result<O>(id: string): Promise<O>;
  /** Delivers a message to the gate of that topic, now or when it is reached. */
  signal(id: string, topic: string, message: unknown): Promise<void>;
  /**
   * Starts nothing new, aborts the acts that are under way and waits for them (at most a few seconds). What was
   * interrupted is not recorded and resumes at the next start.
   */
  stop(): Promise<void>;
}
