import { SlipwayError } from "#core/errors.ts";
import type { EngineHost } from "#ports/containers.ts";
import type { Reach } from "#ports/reach.ts";
import type { EngineCall } from "./commands.ts";
import { EngineClient, type EngineStream, WayGone } from "./engine-client.ts";
import { type EngineReply, wordsOf } from "./replies.ts";

/** One host's engine during one call of ours. */
export type HostEngine = {
  readonly at: EngineHost;
  /** Rejects with engine.unreachable where the status is none of those expected (by default: every success). */
  ask(call: EngineCall, expected?: readonly number[] | "any"): Promise<EngineReply>;
  stream(call: EngineCall): Promise<EngineStream>;
};

/** Keeps one client per socket file, and makes a new way when one has died. */
export class EngineWays {
  readonly #reach: Reach;
  readonly #clients = new Map<string, EngineClient>();

  constructor(reach: Reach) {
    this.#reach = reach;
  }

  /** Runs `act` on the host's engine; once more from its beginning if the way there died under it. */
  async use<T>(at: EngineHost, signal: AbortSignal, act: (engine: HostEngine) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    try {
      return await this.#once(at, signal, act);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof WayGone)) throw withHost(error, at);
    }
    this.#reach.forget(at.network, target(at));
    try {
      return await this.#once(at, signal, act);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof WayGone ? unreachable(at, error) : withHost(error, at);
    }
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  async #once<T>(at: EngineHost, signal: AbortSignal, act: (engine: HostEngine) => Promise<T>): Promise<T> {
    const endpoint = await this.#reach.open(at.network, target(at), signal);
    if (!("socketPath" in endpoint)) throw new Error("a unix socket was asked for and a port was given");
    const client = this.#clientAt(endpoint.socketPath);
    try {
      return await act(hostEngine(at, client, signal));
    } catch (error) {
      if (error instanceof WayGone) this.#drop(endpoint.socketPath, client);
      throw error;
    }
  }

  #clientAt(socketPath: string): EngineClient {
    const known = this.#clients.get(socketPath);
    if (known) return known;
    const made = new EngineClient(socketPath);
    this.#clients.set(socketPath, made);
    return made;
  }

  #drop(socketPath: string, client: EngineClient): void {
    client.close();
    if (this.#clients.get(socketPath) === client) this.#clients.delete(socketPath);
  }
}

const target = ({ network, host }: EngineHost) => ({ on: host, unix: network.dockerSocket });

const hostEngine = (at: EngineHost, client: EngineClient, signal: AbortSignal): HostEngine => ({
  at,
  stream: (call) => client.stream(call, signal),
  async ask(call, expected) {
    const reply = await client.ask(call, signal);
    const isExpected =
      expected === undefined
        ? reply.status >= 200 && reply.status < 300
        : expected === "any" || expected.includes(reply.status);
    if (isExpected) return reply;
    const command = `${call.method} ${call.path.split("?")[0]}`;
    throw new SlipwayError(
      "engine.unreachable",
      `The container engine on ${at.host.name} answered ${command} with ${reply.status}: ${wordsOf(reply.text)}`,
      { host: at.host.name, command },
    );
  },
});

const unreachable = (at: EngineHost, error: WayGone): SlipwayError =>
  new SlipwayError(
    "engine.unreachable",
    `The container engine on ${at.host.name} did not answer at ${at.network.dockerSocket}: ${error.message}.`,
    { host: at.host.name, cause: error },
  );

function withHost(error: unknown, at: EngineHost): unknown {
  if (!(error instanceof SlipwayError) || error.details.host !== undefined) return error;
  const { message, advice, details, code } = error;
  return new SlipwayError(code, `${at.host.name}: ${message}`, {
    ...details,
    advice,
    host: at.host.name,
    cause: error,
  });
}
