/**
 * Gathers topics that come in bursts. The first of a burst goes on at once; what follows within `gapMs` goes on
 * together, each topic once, when the gap is over.
 */
export class Coalescer {
  readonly #gapMs: number;
  readonly #flush: (topics: ReadonlySet<string>) => void;
  #waiting = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(gapMs: number, flush: (topics: ReadonlySet<string>) => void) {
    this.#gapMs = gapMs;
    this.#flush = flush;
  }

  add(topic: string): void {
    this.#waiting.add(topic);
    if (this.#timer === undefined) this.#next();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.clear();
  }

  #next(): void {
    this.#timer = undefined;
    if (this.#waiting.size === 0) return;
    const topics = this.#waiting;
    this.#waiting = new Set();
    this.#timer = setTimeout(() => this.#next(), this.#gapMs);
    this.#flush(topics);
  }
}
