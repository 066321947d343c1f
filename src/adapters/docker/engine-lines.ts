import { z } from "zod";
import { firstWords } from "#core/whole-words.ts";
import type { EngineStream } from "./engine-client.ts";
import { wordsOf } from "./replies.ts";

/** One message of a pull, push or build. */
export type EngineLine = {
  readonly id?: string;
  readonly status?: string;
  readonly text?: string;
  readonly error?: string;
  readonly progress?: { readonly current: number; readonly total: number };
  /** What a push ends with. */
  readonly pushed?: { readonly tag: string; readonly digest: string };
  /** What a build ends with. */
  readonly imageId?: string;
};

const shape = z.object({
  id: z.string().optional(),
  status: z.string().optional(),
  stream: z.string().optional(),
  error: z.string().optional(),
  errorDetail: z.object({ message: z.string().optional() }).optional(),
  progressDetail: z.object({ current: z.number().optional(), total: z.number().optional() }).nullish(),
  aux: z.object({ ID: z.string().optional(), Tag: z.string().optional(), Digest: z.string().optional() }).optional(),
});

const lineLimit = 1024 * 1024;
const refusalLimit = 64 * 1024;
const errorLimit = 4_000;

/** The messages of a streamed answer, as they come. An answer that is a plain refusal is one message with `error`. */
export async function* linesOf({ status, chunks }: EngineStream): AsyncIterable<EngineLine> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    if (status !== 200) {
      if (rest.length > refusalLimit) break;
      continue;
    }
    const lines = rest.split("\n");
    rest = (lines.pop() ?? "").slice(-lineLimit);
    for (const line of lines) if (line.trim() !== "") yield readLine(line);
  }
  if (status !== 200) yield { error: wordsOf(rest) || `the engine answered with status ${status}` };
  else if (rest.trim() !== "") yield readLine(rest);
}

export function readLine(line: string): EngineLine {
  const parsed = shape.safeParse(parse(line));
  if (!parsed.success) return { text: line };
  const { id, status, stream, error, errorDetail, progressDetail, aux } = parsed.data;
  const failure = errorDetail?.message ?? error;
  const { current, total } = progressDetail ?? {};
  return {
    ...(id === undefined ? {} : { id }),
    ...(status === undefined ? {} : { status }),
    ...(stream === undefined ? {} : { text: stream }),
    ...(failure === undefined ? {} : { error: firstWords(failure, errorLimit) }),
    ...(current === undefined || total === undefined ? {} : { progress: { current, total } }),
    ...(aux?.Tag === undefined || aux.Digest === undefined ? {} : { pushed: { tag: aux.Tag, digest: aux.Digest } }),
    ...(aux?.ID === undefined ? {} : { imageId: aux.ID }),
  };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // A line that is not JSON is passed on as text.
    return undefined;
  }
}
