export type Change = { readonly id: number; readonly topic: string };

/** The last changes, so that a client that was away for a moment misses nothing. Ids grow, also across restarts. */
export class ChangeRing {
  readonly #size: number;
  readonly #changes: Change[] = [];
  #lastId: number;

  /** `startId`: the clock's milliseconds, so that the ids of an earlier server are older than all of this one's. */
  constructor(size: number, startId: number) {
    this.#size = size;
    this.#lastId = startId;
  }

  get lastId(): number {
    return this.#lastId;
  }

  add(topic: string): Change {
    this.#lastId += 1;
    const change = { id: this.#lastId, topic };
    this.#changes.push(change);
    if (this.#changes.length > this.#size) this.#changes.shift();
    return change;
  }

  /** What came after `id`; `undefined` when that is no longer, or never was, known here. */
  after(id: number): readonly Change[] | undefined {
    const oldestKnown = this.#lastId - this.#changes.length;
    if (!Number.isSafeInteger(id) || id < oldestKnown || id > this.#lastId) return undefined;
    return this.#changes.slice(id - oldestKnown);
  }
}
