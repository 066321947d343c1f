import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { TrafficTotal } from "./traffic.ts";

const answerTimeoutMs = 15_000;

/** Traffic that another process makes, somewhere else in the network. */
export class TrafficProgram {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor(child: ChildProcess) {
    this.#child = child;
    if (!child.stdout) throw new Error("the traffic program needs a pipe");
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  total(): Promise<TrafficTotal> {
    return this.#say("total");
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    await this.#say("stop");
    this.#child.stdin?.end();
    await ended;
  }

  async #say(line: string): Promise<TrafficTotal> {
    this.#child.stdin?.write(`${line}\n`);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("the traffic program does not answer")), answerTimeoutMs);
    });
    const { value, done } = await Promise.race([this.#answers.next(), late]).finally(() => clearTimeout(timer));
    if (done) throw new Error("the traffic program has ended");
    return JSON.parse(value) as TrafficTotal;
  }
}
