import { setTimeout as wait } from "node:timers/promises";

const lookEveryMs = 250;
const againMs = 1_000;

type Ways = {
  isAlive(pid: number): boolean;
  /** Resolves with the pid of the new one, once it does its work. */
  startAgain(): Promise<number>;
  stop(pid: number): Promise<void>;
  log(line: string): void;
};

/** A process that is started again whenever it ends without being told to, for as long as it takes. */
export class KeptProcess {
  readonly #ways: Ways;
  #pid: number;
  #timer: NodeJS.Timeout | undefined;
  #starting: Promise<void> | undefined;
  #isStopping = false;

  constructor(pid: number, ways: Ways) {
    this.#pid = pid;
    this.#ways = ways;
    this.#watch();
  }

  /** The process has ended when it resolves, and is not started again. Safe to call twice. */
  async stop(): Promise<void> {
    this.forget();
    await this.#starting;
    await this.#ways.stop(this.#pid);
  }

  /** It runs on, and nobody starts it again. */
  forget(): void {
    this.#isStopping = true;
    clearTimeout(this.#timer);
  }

  /** Polled, since one that an earlier server left is not our child. */
  #watch(): void {
    this.#timer = setTimeout(() => {
      if (this.#ways.isAlive(this.#pid)) return this.#watch();
      this.#starting = this.#startAgain();
    }, lookEveryMs).unref();
  }

  async #startAgain(): Promise<void> {
    const { log, startAgain } = this.#ways;
    log(`process ${this.#pid} has ended by itself and is started again`);
    while (!this.#isStopping) {
      try {
        this.#pid = await startAgain();
        log(`it is back as process ${this.#pid}`);
        if (!this.#isStopping) this.#watch();
        return;
      } catch (error) {
        log(`it did not start: ${error instanceof Error ? error.message : String(error)}`);
        await wait(againMs);
      }
    }
  }
}
