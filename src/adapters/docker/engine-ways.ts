import { SlipwayError } from "#core/errors.ts";
import type { EngineHost, HostTurn } from "#ports/containers.ts";
import type { Reach, Target } from "#ports/reach.ts";
import type { EngineCall } from "./commands.ts";
import { EngineClient, type EngineStream, WayGone } from "./engine-client.ts";
import { fenceCommand, TurnsSeen } from "./fence.ts";
import { type EngineReply, wordsOf } from "./replies.ts";

/** One host's engine during one call of ours. */
export type HostEngine = {
  readonly at: EngineHost;
  /** Rejects with engine.unreachable where the status is none of those expected (by default: every success). */
  ask(call: EngineCall, expected?: readonly number[] | "any"): Promise<EngineReply>;
  stream(call: EngineCall): Promise<EngineStream>;
};

type Act<T> = (engine: HostEngine) => Promise<T>;
type Way = { readonly at: EngineHost; readonly target: Target; readonly connections?: number };

/** Keeps one client per socket file, and makes a new way when one has died. */
export class EngineWays {
  readonly #reach: Reach;
  readonly #clients = new Map<string, EngineClient>();
  readonly #turns = new TurnsSeen();
  /** The API's version by host, for clients that live for one call. */
  readonly #agreed = new Map<string, Promise<string>>();

  constructor(reach: Reach) {
    this.#reach = reach;
  }

  /** Runs `act` on the host's engine; once more from its beginning if the way there died under it. */
  use<T>(at: EngineHost, signal: AbortSignal, act: Act<T>): Promise<T> {
    return this.#use({ at, target: target(at) }, signal, act);
  }

  /**
   * The same for what changes something: through the fence on the host, which refuses an older turn. The engine of this
   * machine needs none: the kernel closes what a dead server had open there; only turns within this server are compared.
   */
  async change<T>(at: HostTurn, signal: AbortSignal, act: Act<T>): Promise<T> {
    if (!at.network.ssh) {
      this.#turns.refuseOlder(at);
      return this.use(at, signal, act);
    }
    return this.#use({ at, target: { on: at.host, command: fenceCommand(at) }, connections: 1 }, signal, act);
  }

  async #use<T>(way: Way, signal: AbortSignal, act: Act<T>): Promise<T> {
    const { at } = way;
    signal.throwIfAborted();
    try {
      return await this.#once(way, signal, act);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof WayGone)) throw withHost(error, at);
    }
    try {
      return await this.#once(way, signal, act);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof WayGone ? unreachable(at, error) : withHost(error, at);
    }
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  async #once<T>({ at, target, connections }: Way, signal: AbortSignal, act: Act<T>): Promise<T> {
    const endpoint = await this.#reach.open(at.network, target, signal);
    if (!("socketPath" in endpoint)) throw new Error("a unix socket was asked for and a port was given");
    const { socketPath } = endpoint;
    const forget = () => this.#reach.forget(at.network, target, endpoint);
    if (connections !== undefined) return this.#onceAlone(at, { socketPath, connections }, signal, act).finally(forget);
    const client = this.#clientAt(socketPath);
    try {
      return await act(hostEngine(at, client, signal));
    } catch (error) {
      if (error instanceof WayGone) {
        this.#drop(socketPath, client);
        forget();
      }
      throw error;
    }
  }

  /** By a client of this call alone: its end is the end of the stream, and of the lock on the host. */
  async #onceAlone<T>(
    at: EngineHost,
    { socketPath, connections }: { socketPath: string; connections: number },
    signal: AbortSignal,
    act: Act<T>,
  ): Promise<T> {
    const key = JSON.stringify([at.network, at.host]);
    using client = new EngineClient(socketPath, connections, this.#agreed.get(key));
    try {
      const value = await act(hostEngine(at, client, signal));
      if (client.agreed) this.#agreed.set(key, client.agreed);
      return value;
    } catch (error) {
      // Perhaps another engine answers there now.
      if (error instanceof WayGone) this.#agreed.delete(key);
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
