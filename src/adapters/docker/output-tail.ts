import { lastWords } from "#core/whole-words.ts";

const tailLength = 4 * 1024;

/** Passes output on and keeps its end. */
export class OutputTail {
  readonly #onOutput: (text: string) => void;
  #text = "";

  constructor(onOutput: (text: string) => void) {
    this.#onOutput = onOutput;
  }

  write(text: string): void {
    this.#onOutput(text);
    this.#text = lastWords(this.#text + text, tailLength);
  }

  get text(): string {
    return this.#text;
  }
}
