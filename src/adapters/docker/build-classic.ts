import { SlipwayError } from "#core/errors.ts";
import { buildImage } from "./build-commands.ts";
import { type Context, packContext } from "./context.ts";
import type { Building } from "./docker-images.ts";
import { linesOf } from "./engine-lines.ts";
import { meaningOf } from "./engine-words.ts";
import { OutputTail } from "./output-tail.ts";

/** By the Engine API's own builder: works with every engine, needs no docker program on this machine. */
export async function buildWithClassic(building: Building, context: Context): Promise<void> {
  const { engine, wish, marks, onOutput, signal } = building;
  const { tar, dockerfile } = await packContext(context);
  const tail = new OutputTail(onOutput);
  try {
    const answer = await engine.stream(buildImage(wish, marks, dockerfile), signal, tar);
    for await (const { text, status, id, error } of linesOf(answer)) {
      if (text !== undefined) tail.write(text);
      else if (status !== undefined && id === undefined) tail.write(`${status}\n`);
      if (error !== undefined) throw buildFailure(building, error, tail.text);
    }
  } finally {
    tar.destroy();
  }
}

export function buildFailure({ wish }: Pick<Building, "wish">, words: string, lastLines: string): SlipwayError {
  const code = meaningOf(words) === "disk.full" ? "disk.full" : "image.build-failed";
  return new SlipwayError(code, `Could not build ${wish.repository} from ${wish.dockerfile}: ${words.trim()}`, {
    command: `docker build --file ${wish.dockerfile} ${wish.context}`,
    lastLines,
  });
}
