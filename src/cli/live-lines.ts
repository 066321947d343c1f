/** Lines at the end of the terminal that are drawn again in place. Each must fit into the terminal's width. */
export class LiveLines {
  readonly #write: (text: string) => void;
  #drawn = 0;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  draw(lines: readonly string[]): void {
    const up = this.#drawn > 0 ? `\u001b[${this.#drawn}A` : "";
    this.#write(`${up}\r\u001b[J${lines.map((line) => `${line}\n`).join("")}`);
    this.#drawn = lines.length;
  }
}
