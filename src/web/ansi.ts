import { type Style, styled } from "./ansi-style.ts";

/**
 * A program's output as lines of styled text. Nothing a program writes is ever markup: what leaves here is plain text
 * for text nodes, and styles from the fixed list below. Colours of SGR sequences are kept; every other sequence is
 * swallowed, at any length and also when it is cut in two between `feed`s. A lone `\r` starts its line again, as
 * progress bars mean it.
 */

export type Span = { readonly text: string; readonly style: Style };
export type Line = readonly Span[];

/** What a line shows at most; the rest of it is counted and dropped. */
export const lineLimit = 2_000;
// Real colours need fewer than 20; what is longer is no colour, and is not kept while it goes by.
const longestParameters = 64;

type Mode = "text" | "escape" | "charset" | "control" | "string" | "string-escape";

export class AnsiReader {
  #mode: Mode = "text";
  #parameters = "";
  #style: Style = {};
  #line: Span[] = [];
  #length = 0;
  #dropped = 0;
  #isReturned = false;

  /** The line that is not ended yet; it changes with the next `feed`. */
  get unfinished(): Line {
    return this.#shown();
  }

  /** The lines that `text` ended. */
  feed(text: string): Line[] {
    const ended: Line[] = [];
    for (let at = 0; at < text.length; ) {
      if (this.#mode !== "text") {
        at += this.#sequence(text.charAt(at));
        continue;
      }
      const next = nextControl(text, at);
      if (next > at) this.#write(text.slice(at, next));
      if (next < text.length) this.#control(text.charAt(next), ended);
      at = next + 1;
    }
    return ended;
  }

  #write(text: string): void {
    if (this.#isReturned) this.#clear();
    const kept = text.slice(0, Math.max(0, lineLimit - this.#length));
    this.#dropped += text.length - kept.length;
    if (kept === "") return;
    this.#length += kept.length;
    const last = this.#line.at(-1);
    if (last && last.style === this.#style) {
      this.#line[this.#line.length - 1] = { text: last.text + kept, style: this.#style };
    } else {
      this.#line.push({ text: kept, style: this.#style });
    }
  }

  #control(char: string, ended: Line[]): void {
    if (char === "\n") {
      ended.push(this.#shown());
      this.#clear();
    } else if (char === "\r") this.#isReturned = true;
    else if (char === "\t") this.#write("\t");
    else if (char === "\u001b") this.#mode = "escape";
    else if (char === "\u009b") this.#begin("control");
    else if ("\u0090\u0098\u009d\u009e\u009f".includes(char)) this.#begin("string");
  }

  /** How many characters of the sequence were used: none when it ends before this one. */
  #sequence(char: string): 0 | 1 {
    switch (this.#mode) {
      case "escape":
        return this.#afterEscape(char);
      case "charset":
        return this.#end(1);
      case "control":
        return this.#inControl(char);
      case "string":
        if (char === "\u0007" || char === "\u009c") return this.#end(1);
        if (char === "\n") return this.#end(0);
        if (char === "\u001b") this.#mode = "string-escape";
        return 1;
      case "string-escape":
        if (char === "\\") return this.#end(1);
        this.#mode = "escape";
        return 0;
      case "text":
        return 1;
    }
    return this.#mode satisfies never;
  }

  #afterEscape(char: string): 0 | 1 {
    if (char === "[") return this.#begin("control");
    if ("]PX^_".includes(char)) return this.#begin("string");
    if ("()*+-./#%".includes(char)) return this.#begin("charset");
    return this.#end(char < " " || char > "~" ? 0 : 1);
  }

  #inControl(char: string): 0 | 1 {
    if (char < " " || char > "~") return this.#end(0);
    if (char < "@") {
      if (this.#parameters.length <= longestParameters) this.#parameters += char;
      return 1;
    }
    if (char === "m" && /^[\d;:]{0,64}$/.test(this.#parameters)) this.#style = styled(this.#style, this.#parameters);
    if (char === "K" && this.#isReturned) this.#clear();
    return this.#end(1);
  }

  #begin(mode: Mode): 1 {
    this.#mode = mode;
    this.#parameters = "";
    return 1;
  }

  #end(used: 0 | 1): 0 | 1 {
    this.#mode = "text";
    return used;
  }

  #clear(): void {
    this.#line = [];
    this.#length = 0;
    this.#dropped = 0;
    this.#isReturned = false;
  }

  #shown(): Line {
    if (this.#dropped === 0) return [...this.#line];
    return [...this.#line, { text: ` … ${this.#dropped} more characters`, style: { dim: true } }];
  }
}

// C0, DEL, C1, and what turns the writing direction or breaks a line where no line ends.
const controls = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu;

function nextControl(text: string, from: number): number {
  controls.lastIndex = from;
  return controls.exec(text)?.index ?? text.length;
}
