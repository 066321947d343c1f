import { DBOS } from "@dbos-inc/dbos-sdk";
import { ActsUnderWay, outcomeOf, unwrap } from "#engine/acts.ts";
import type { Child, Engine, Outcome, QueueName, QueuePlace, Run, Workflow } from "#engine/run.ts";
import { queueNames } from "#engine/run.ts";

/**
 * Workflows under this version are resumed by a server of this version. Raise it only when a running rollout could
 * no longer be replayed, and use DBOS patches where it could.
 */
const applicationVersion = "slipway-1";

/**
 * A server may be killed as often as it likes: a rollout that was given up would hold its place and nobody would know.
 * What goes wrong in a workflow itself is an outcome, and none of them can end the process.
 */
const maxRecoveryAttempts = 1_000_000_000;

/** How often a handle looks for the end of a workflow that did not start in this process. */
const pollingIntervalMs = 100;

/** How soon a waiting workflow of a free partition starts. */
const queuePollMs = 50;

/**
 * Builds share two cores with everything else; notices of different partitions do not wait. A rollout that waits for a
 * person keeps its place for hours: there are more of them than services in environments, so that no other waits for it.
 */
const workerConcurrency: Record<QueueName, number> = { rollouts: 1_000, builds: 2, notices: 20 };

type Registered = (input: unknown) => Promise<Outcome<unknown>>;
type AnyWorkflow = { name: string; run: (run: Run, input: never) => Promise<unknown> };

/** The engine on DBOS Transact: every step and every child is a row in PostgreSQL. One per process. */
export class DbosEngine implements Engine {
  readonly #registered = new Map<string, Registered>();
  readonly #acts = new ActsUnderWay();
  #run: Run | undefined;

  private constructor() {}

  /** Every workflow must be given here: those that a dead server left start again before this resolves. */
  static async launch(options: {
    databaseUrl: string;
    workflows: readonly AnyWorkflow[];
    log: (level: "info" | "warn" | "error", line: string) => void;
  }): Promise<DbosEngine> {
    const engine = new DbosEngine();
    for (const workflow of options.workflows) engine.#register(workflow);
    DBOS.setConfig({
      name: "slipway",
      systemDatabaseUrl: options.databaseUrl,
      applicationVersion,
      executorID: "server",
      logger: dbosLog(options.log),
    });
    await DBOS.launch();
    for (const queue of queueNames) {
      await DBOS.registerQueue(queue, {
        partitionConcurrency: 1,
        workerConcurrency: workerConcurrency[queue],
        minPollingIntervalMs: queuePollMs,
        onConflict: "always_update",
      });
    }
    return engine;
  }

  #register(workflow: AnyWorkflow): void {
    const run = this.#runOf();
    const body = async (input: unknown) => outcomeOf(workflow.run(run(), input as never));
    this.#registered.set(workflow.name, DBOS.registerWorkflow(body, { name: workflow.name, maxRecoveryAttempts }));
  }

  async start<I, O>(workflow: Workflow<I, O>, id: string, input: I, queue?: QueuePlace): Promise<void> {
    await this.#start(workflow, id, input, queue);
  }

  async result<O>(id: string): Promise<O> {
    return unwrap(await DBOS.retrieveWorkflow<Outcome<O>>(id).getResult({ pollingIntervalMs }));
  }

  async signal(id: string, topic: string, message: unknown): Promise<void> {
    await DBOS.send(id, message, topic);
  }

  async stop(): Promise<void> {
    await this.#acts.stop();
    await DBOS.shutdown({ deregister: true });
  }

  #start<I, O>(workflow: Workflow<I, O>, id: string, input: I, queue?: QueuePlace) {
    const registered = this.#registered.get(workflow.name);
    if (!registered) throw new Error(`workflow "${workflow.name}" was not registered`);
    const place = queue ? { queueName: queue.queue, enqueueOptions: { queuePartitionKey: queue.partition } } : {};
    return DBOS.startWorkflow(registered, { workflowID: id, ...place })(input);
  }

  /** One value serves every workflow: DBOS knows from its own context which run is asking. */
  #runOf(): () => Run {
    return () => {
      this.#run ??= this.#makeRun();
      return this.#run;
    };
  }

  #makeRun(): Run {
    const acts = this.#acts;
    const start = this.#start.bind(this);
    return {
      get id() {
        return DBOS.workflowID ?? "";
      },
      async step<T>(name: string, timeoutMs: number, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
        return unwrap(await DBOS.runStep(() => acts.perform(name, timeoutMs, act), { name }));
      },
      async child<I, O>(workflow: Workflow<I, O>, id: string, input: I, queue?: QueuePlace): Promise<Child<O>> {
        if (acts.isStopping) return new Promise(() => {});
        const handle = await start(workflow, id, input, queue);
        return { id, result: async () => unwrap((await handle.getResult({ pollingIntervalMs })) as Outcome<O>) };
      },
      async gate<T>(topic: string, timeoutMs: number): Promise<T | undefined> {
        const timeoutSeconds = Math.ceil(timeoutMs / 1000);
        return (await DBOS.recv<T>(topic, { timeoutSeconds, pollingIntervalMs })) ?? undefined;
      },
      signal: (id: string, topic: string, message: unknown): Promise<void> => DBOS.send(id, message, topic),
    };
  }
}

function dbosLog(log: (level: "info" | "warn" | "error", line: string) => void) {
  const say = (level: "info" | "warn" | "error") => (entry: unknown) =>
    log(level, entry instanceof Error ? entry.message : String(entry));
  return { info: () => {}, debug: () => {}, warn: say("warn"), error: say("error") };
}
