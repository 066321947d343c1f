import { type ErrorCode, SlipwayError } from "#core/errors.ts";
import { pushImage } from "./build-commands.ts";
import type { Building } from "./docker-images.ts";
import { linesOf } from "./engine-lines.ts";
import { meaningOf } from "./engine-words.ts";

const known: ReadonlySet<ErrorCode> = new Set(["registry.refused", "disk.full"]);

/** The registry has the image under that tag; resolves with the digest it gave. */
export async function pushTag({ engine, wish, onOutput, signal }: Building, tag: string): Promise<string> {
  const reference = `${wish.repository}:${tag}`;
  onOutput(`== push ${reference}\n`);
  let digest: string | undefined;
  for await (const { error, pushed } of linesOf(await engine.stream(pushImage(wish, tag), signal))) {
    if (error !== undefined) throw pushFailure(reference, error);
    digest = pushed?.digest ?? digest;
  }
  if (digest === undefined) throw pushFailure(reference, "the push ended without a digest");
  onOutput(`${reference} is ${digest}\n`);
  return digest;
}

function pushFailure(reference: string, words: string): SlipwayError {
  const meaning = meaningOf(words);
  const code = meaning !== undefined && known.has(meaning) ? meaning : "registry.unreachable";
  return new SlipwayError(code, `Could not push ${reference}: ${words.trim()}`, {
    command: `docker push ${reference}`,
  });
}
