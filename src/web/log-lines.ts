import { AnsiReader, type Line } from "./ansi.ts";

/** What the page keeps of a log; the whole of it is at /api/logs. */
export const keptLines = 50_000;

export type LogView = { readonly lines: readonly Line[]; readonly dropped: number };

/** The lines of a log that grows at its end. `view` is a new value after every change and the same one between. */
export class LogLines {
  readonly #reader = new AnsiReader();
  #ended: Line[] = [];
  #dropped = 0;
  #view: LogView = { lines: [], dropped: 0 };

  get view(): LogView {
    return this.#view;
  }

  append(texts: readonly string[]): void {
    for (const text of texts) for (const line of this.#reader.feed(text)) this.#ended.push(line);
    // Twice the limit before it is cut: one copy in many appends instead of one in each.
    if (this.#ended.length > keptLines * 2) this.#cut();
    const last = this.#reader.unfinished;
    const over = Math.max(0, this.#ended.length - keptLines);
    const lines = this.#ended.slice(over);
    this.#view = { lines: last.length > 0 ? [...lines, last] : lines, dropped: this.#dropped + over };
  }

  #cut(): void {
    const over = this.#ended.length - keptLines;
    this.#ended = this.#ended.slice(over);
    this.#dropped += over;
  }
}
