import { lastWords } from "#core/whole-words.ts";
import type { EngineStream } from "./engine-client.ts";

const headerBytes = 8;

/** The end of a container's log, both streams in the order they were written, at most so many bytes of whole lines. */
export async function lastLinesOf({ status, chunks }: EngineStream, limitBytes: number): Promise<string> {
  const frames = new LogFrames();
  let tail = Buffer.alloc(0);
  let isCut = false;
  for await (const chunk of chunks) {
    if (status !== 200) continue;
    const text = Buffer.concat([tail, ...frames.write(chunk)]);
    isCut ||= text.length > limitBytes;
    tail = text.subarray(Math.max(0, text.length - limitBytes));
  }
  return wholeLines(tail.toString("utf8"), isCut);
}

const wholeLines = (text: string, isCut: boolean): string => {
  const firstEnd = text.indexOf("\n");
  if (!isCut) return text;
  // One line longer than the limit: its last words are better than nothing.
  return firstEnd >= 0 && firstEnd < text.length - 1 ? text.slice(firstEnd + 1) : lastWords(text, text.length - 1);
};

/** Takes the engine's log stream apart: a header of 8 bytes (stream, 0, 0, 0, length), then so many bytes of text. */
export class LogFrames {
  #rest: Buffer = Buffer.alloc(0);
  #open = 0;

  write(chunk: Buffer): readonly Buffer[] {
    const texts: Buffer[] = [];
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length > 0) {
      if (this.#open === 0) {
        if (this.#rest.length < headerBytes) break;
        this.#open = this.#rest.readUInt32BE(4);
        this.#rest = this.#rest.subarray(headerBytes);
        continue;
      }
      const text = this.#rest.subarray(0, this.#open);
      texts.push(text);
      this.#open -= text.length;
      this.#rest = this.#rest.subarray(text.length);
    }
    return texts;
  }
}
