import { lastWords } from "#core/whole-words.ts";

const tailLength = 4 * 1024;
const passedOnLimit = 10 * 1024 * 1024;

/** Passes output on, as much as of a step (10 MiB), and keeps its end. */
export class OutputTail {
  readonly #onOutput: (text: string) => void;
  #text = "";
  #passedOn = 0;

  constructor(onOutput: (text: string) => void) {
    this.#onOutput = onOutput;
  }

  write(text: string): void {
    this.#passOn(text);
    this.#text = lastWords(this.#text + text, tailLength);
  }

  #passOn(text: string): void {
    if (this.#passedOn > passedOnLimit) return;
    this.#passedOn += text.length;
    this.#onOutput(this.#passedOn > passedOnLimit ? "\n[more than 10 MiB of output; the rest is not kept]\n" : text);
  }

  get text(): string {
    return this.#text;
  }
}
