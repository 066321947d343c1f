/** Lines at the end of the terminal that are drawn again in place. Each must fit into the terminal's width. */
export class LiveLines {
  readonly #write: (text: string) => void;
  readonly #height: number;
  #drawn = 0;

  constructor(write: (text: string) => void, height: number) {
    this.#write = write;
    this.#height = height;
  }

  draw(all: readonly string[]): void {
    // The cursor cannot go back to a line that has scrolled away.
    const room = this.#height - 1;
    const lines = all.length <= room ? all : [...all.slice(0, room - 1), `  … ${all.length - room + 1} more lines`];
    const up = this.#drawn > 0 ? `\u001b[${this.#drawn}A` : "";
    this.#write(`${up}\r\u001b[J${lines.map((line) => `${line}\n`).join("")}`);
    this.#drawn = lines.length;
  }
}
