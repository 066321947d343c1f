import { type IncomingMessage, request } from "node:http";
import { SlipwayError } from "#core/errors.ts";
import { firstWords } from "#core/whole-words.ts";
import type { Answer, Checks } from "#ports/checks.ts";
import type { EngineHost } from "#ports/containers.ts";
import type { Endpoint, Reach } from "#ports/reach.ts";
import { isWayGone, noAnswerWords } from "./no-answer.ts";

const bodyLimit = 4 * 1024;

type Question = { readonly path: string; readonly timeoutMs: number };

/**
 * Asks over plain HTTP/1.1, a new connection each time, with `Host: localhost`: the program is asked on its own host,
 * and what address or socket file the way there happens to have is none of its business.
 */
export function httpChecks({ reach }: { readonly reach: Reach }): Checks {
  return {
    async get(at, { port, path, timeoutMs }, signal) {
      const target = { on: at.host, port };
      const first = await reach.open(at.network, target, signal);
      try {
        return await ask(first, { path, timeoutMs }, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!isWayGone(error)) throw error;
      }
      // A socket file or forward that died since it was proved refuses: make a new one, once.
      reach.forget(at.network, target, first);
      const second = await reach.open(at.network, target, signal);
      try {
        return await ask(second, { path, timeoutMs }, signal);
      } catch (error) {
        signal.throwIfAborted();
        return stillGone(at, second, error);
      }
    },
  };
}

/** A refused address is the program's own silence; a refused socket file of ours is a broken way. */
function stillGone(at: EngineHost, endpoint: Endpoint, error: unknown): Answer {
  if ("port" in endpoint) return { status: 0, body: noAnswerWords(error), ms: 0 };
  throw new SlipwayError(
    "host.unreachable",
    `Could not get through to ${at.host.name}: the new way to it was refused too.`,
    { host: at.host.name, cause: error },
  );
}

/** Rejects only when the endpoint itself is gone or the signal is aborted. */
async function ask(endpoint: Endpoint, { path, timeoutMs }: Question, signal: AbortSignal): Promise<Answer> {
  const started = performance.now();
  const timeout = AbortSignal.timeout(timeoutMs);
  const took = () => Math.round(performance.now() - started);
  try {
    const response = await send(endpoint, path, AbortSignal.any([signal, timeout]));
    return { status: response.statusCode ?? 0, body: await readStart(response), ms: took() };
  } catch (error) {
    signal.throwIfAborted();
    if (isWayGone(error)) throw error;
    return { status: 0, body: timeout.aborted ? `no answer within ${timeoutMs} ms` : noAnswerWords(error), ms: took() };
  }
}

function send(endpoint: Endpoint, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const headers = { host: "localhost", "user-agent": "slipway-check", connection: "close" };
  const asked = request({ ...endpoint, path, signal, headers, agent: false }, resolve);
  asked.on("error", reject);
  asked.end();
  return promise;
}

/** The words of the first 4 KiB; the rest is not waited for. */
async function readStart(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > bodyLimit) break;
  }
  const text = Buffer.concat(chunks).toString("utf8");
  // One word of 4 KiB is no secret, and a smoke test may look for something in it.
  return firstWords(text, bodyLimit) || text.slice(0, bodyLimit);
}
