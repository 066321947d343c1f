const tailBytes = 4 * 1024;

/** Passes output on and keeps its end. */
export class OutputTail {
  readonly #onOutput: (text: string) => void;
  #text = "";

  constructor(onOutput: (text: string) => void) {
    this.#onOutput = onOutput;
  }

  write(text: string): void {
    this.#onOutput(text);
    this.#text = (this.#text + text).slice(-tailBytes);
  }

  get text(): string {
    return this.#text;
  }
}
