const mostKinds = 20;

export type Noted = {
  readonly what: string;
  readonly times: number;
  readonly firstAt: string;
  readonly lastAt: string;
};

/** What went wrong, each kind once, with when it was first and last seen. */
export class Outcomes {
  readonly #noted = new Map<string, Noted>();

  get all(): Noted[] {
    return [...this.#noted.values()];
  }

  note(what: string): void {
    const now = new Date().toISOString();
    const before = this.#noted.get(what);
    if (!before && this.#noted.size >= mostKinds) return;
    this.#noted.set(what, { what, times: (before?.times ?? 0) + 1, firstAt: before?.firstAt ?? now, lastAt: now });
  }
}
