import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { SlipwayError } from "#core/errors.ts";
import { type EngineCall, version } from "./commands.ts";
import { fencedHeader, needsHeader } from "./fence.ts";
import * as replies from "./replies.ts";

/** The newest API this adapter was tried with; an engine that speaks less is spoken to in its own version. */
const newestApi = "1.47";
const defaultLimitMs = 30_000;
const replyLimitBytes = 32 * 1024 * 1024;
/** Enough for ten hosts on one engine; more at once would wait for a connection each. */
const idleConnections = 8;

/** The connection broke before the whole answer was there: the way, not the engine's word, is at fault. */
export class WayGone extends Error {}

/** Words of an engine that was replaced by one which no longer speaks the version we agreed on. */
const otherVersion = /client version .* is too (old|new)/;

/**
 * One engine behind one socket file, over kept-alive connections. Not dockerode: measured, a connection that dies in
 * the middle of an answer leaves its promise open for ever, abort signal or not.
 */
export class EngineClient {
  readonly #socketPath: string;
  readonly #agent: Agent;
  #api: Promise<string> | undefined;

  /**
   * `connections`: at most so many at once; with one, every call waits for the one before it. `agreed`: the API's version
   * that another client has agreed on with the same engine.
   */
  constructor(socketPath: string, connections = Number.POSITIVE_INFINITY, agreed?: Promise<string>) {
    this.#socketPath = socketPath;
    this.#api = agreed;
    this.#agent = new Agent({ keepAlive: true, maxFreeSockets: idleConnections, maxSockets: connections });
  }

  /** The API's version, once it was asked for. */
  get agreed(): Promise<string> | undefined {
    return this.#api;
  }

  /** The whole answer, whatever its status. */
  async ask(call: EngineCall, signal: AbortSignal): Promise<replies.EngineReply> {
    return this.#withLimit(call, signal, async (limit) => {
      const reply = await this.#send(await this.#inVersion(call, signal), limit);
      refuseIfFenced(reply);
      const text = await readWhole(reply);
      if (reply.statusCode === 400 && otherVersion.test(text)) throw new WayGone(replies.wordsOf(text));
      return { status: reply.statusCode ?? 0, text, headers: reply.headers };
    });
  }

  /** The answer as it comes. Its silence is limited, not its length; `upload` is sent as the request's body. */
  async stream(call: EngineCall, signal: AbortSignal, upload?: NodeJS.ReadableStream): Promise<EngineStream> {
    const path = await this.#inVersion(call, signal);
    const silence = new SilenceLimit(call.limitMs ?? defaultLimitMs);
    try {
      const reply = await this.#send(path, AbortSignal.any([signal, silence.signal]), upload);
      return { status: reply.statusCode ?? 0, chunks: silence.watch(call, reply, signal) };
    } catch (error) {
      silence.stop();
      signal.throwIfAborted();
      throw silence.signal.aborted ? tooLong(call) : error;
    }
  }

  /** Idle connections are closed; those in use are closed by whoever uses them. */
  close(): void {
    this.#agent.maxFreeSockets = 0;
    for (const socket of Object.values(this.#agent.freeSockets).flat()) socket?.destroy();
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  async #inVersion(call: EngineCall, signal: AbortSignal): Promise<EngineCall> {
    if (call === version) return call;
    return { ...call, path: `/v${await this.#agreed(signal)}${call.path}` };
  }

  /** Asked by the first call; a call that is aborted meanwhile must not spoil it for the others. */
  async #agreed(signal: AbortSignal): Promise<string> {
    this.#api ??= this.ask(version, AbortSignal.timeout(defaultLimitMs)).then(apiToSpeak);
    const asked = this.#api;
    asked.catch(() => {
      if (this.#api === asked) this.#api = undefined;
    });
    return Promise.race([asked, aborted(signal)]);
  }

  async #withLimit<T>(call: EngineCall, signal: AbortSignal, use: (limit: AbortSignal) => Promise<T>): Promise<T> {
    const timeout = AbortSignal.timeout(call.limitMs ?? defaultLimitMs);
    try {
      return await use(AbortSignal.any([signal, timeout]));
    } catch (error) {
      signal.throwIfAborted();
      throw timeout.aborted ? tooLong(call) : error;
    }
  }

  #send(call: EngineCall, signal: AbortSignal, upload?: NodeJS.ReadableStream): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const headers = {
      host: "docker",
      ...(body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
      ...call.headers,
    };
    const { method, path } = call;
    const asked = request({ socketPath: this.#socketPath, agent: this.#agent, method, path, headers, signal });
    asked.on("response", resolve);
    // Stays for the whole life of the request: a forward that dies later must not raise an uncaught error.
    asked.on("error", (error) => reject(new WayGone(error.message, { cause: error })));
    if (upload) sendUpload(upload, asked);
    else asked.end(body);
    return promise;
  }
}

/** What the fence on a host answers in the engine's place. */
function refuseIfFenced({ headers }: IncomingMessage): void {
  const seen = headers[fencedHeader];
  const needs = headers[needsHeader];
  if (seen !== undefined)
    throw new SlipwayError("host.fenced", `The host has seen turn ${seen}, which is later than this command's.`);
  if (needs !== undefined)
    throw new SlipwayError("engine.unreachable", `The host cannot fence its engine: it needs ${needs}.`, {
      advice: "Install util-linux (flock) and Docker's command line on the host; `slipway doctor` looks for both.",
    });
}

export type EngineStream = { readonly status: number; readonly chunks: AsyncIterable<Buffer> };

function sendUpload(upload: NodeJS.ReadableStream, asked: ClientRequest): void {
  upload.on("error", (error) => asked.destroy(error instanceof Error ? error : new Error(String(error))));
  upload.pipe(asked);
}

async function apiToSpeak(reply: replies.EngineReply): Promise<string> {
  const { apiVersion, minApiVersion } = replies.version(reply);
  if (isNewer(minApiVersion, newestApi)) return minApiVersion;
  return isNewer(apiVersion, newestApi) ? newestApi : apiVersion;
}

function isNewer(a: string, b: string): boolean {
  const [[aMajor = 0, aMinor = 0], [bMajor = 0, bMinor = 0]] = [a.split(".").map(Number), b.split(".").map(Number)];
  return aMajor === bMajor ? aMinor > bMinor : aMajor > bMajor;
}

async function readWhole(reply: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of wayWatched(reply)) {
    length += chunk.length;
    if (length > replyLimitBytes) throw new WayGone(`the answer is longer than ${replyLimitBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function* wayWatched(reply: IncomingMessage): AsyncIterable<Buffer> {
  try {
    for await (const chunk of reply) yield chunk;
  } catch (error) {
    throw new WayGone(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Aborts when nothing came for so long. */
class SilenceLimit {
  readonly #end = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(limitMs: number) {
    this.#timer = setTimeout(() => this.#end.abort(), limitMs);
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  async *watch(call: EngineCall, reply: IncomingMessage, signal: AbortSignal): AsyncIterable<Buffer> {
    try {
      for await (const chunk of wayWatched(reply)) {
        this.#timer.refresh();
        yield chunk;
      }
    } catch (error) {
      signal.throwIfAborted();
      throw this.signal.aborted ? tooLong(call) : error;
    } finally {
      this.stop();
      reply.destroy();
    }
  }
}

function tooLong({ method, path, limitMs = defaultLimitMs }: EngineCall): SlipwayError {
  const command = `${method} ${path.split("?")[0]}`;
  return new SlipwayError("deadline.exceeded", `The engine did not answer ${command} within ${limitMs / 1000} s.`, {
    command,
  });
}

function aborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  if (signal.aborted) reject(signal.reason);
  else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  return promise;
}
