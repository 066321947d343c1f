import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { TrafficTotal } from "./traffic.ts";

const answerTimeoutMs = 15_000;

/** Traffic that another process makes, somewhere else in the network; it may count more than the demo needs. */
export class TrafficProgram<Total extends TrafficTotal = TrafficTotal> {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  #last: Total | undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    if (!child.stdout) throw new Error("the traffic program needs a pipe");
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** What it last said; after the stop that is all there was. */
  get last(): Total {
    if (!this.#last) throw new Error("the traffic program was not asked yet");
    return this.#last;
  }

  total(): Promise<Total> {
    return this.#say("total");
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    await this.#say("stop");
    this.#child.stdin?.end();
    await ended;
  }

  async #say(line: string): Promise<Total> {
    this.#child.stdin?.write(`${line}\n`);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("the traffic program does not answer")), answerTimeoutMs);
    });
    const { value, done } = await Promise.race([this.#answers.next(), late]).finally(() => clearTimeout(timer));
    if (done) throw new Error("the traffic program has ended");
    this.#last = JSON.parse(value) as Total;
    return this.#last;
  }
}
