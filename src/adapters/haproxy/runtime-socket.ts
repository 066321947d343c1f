import { connect } from "node:net";
import { SlipwayError } from "#core/errors.ts";
import type { BalancerAt } from "#ports/balancer.ts";
import type { Endpoint, Reach } from "#ports/reach.ts";
import { socketPlace } from "./commands.ts";

/** HAProxy answers in milliseconds; a socket that is silent for so long is not going to. */
const commandDeadlineMs = 5_000;
/** A row is about 700 bytes: thousands of servers. */
const replyLimitBytes = 8 * 1024 * 1024;

/** Sends one line to the runtime socket and resolves with the whole answer. Safe to repeat, as all our commands are. */
export async function ask(reach: Reach, at: BalancerAt, line: string, signal: AbortSignal): Promise<string> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(commandDeadlineMs)]);
  const place = socketPlace(at.balancer);
  try {
    if ("local" in place) return await exchange({ socketPath: place.local }, line, deadline);
    const first = await reach.open(at.network, place.remote, deadline);
    try {
      return await exchange(first, line, deadline);
    } catch (error) {
      if (deadline.aborted || error instanceof SlipwayError) throw error;
      // The way may be one that died since it was proved: make a new one, once.
      reach.forget(at.network, place.remote, first);
      return await exchange(await reach.open(at.network, place.remote, deadline), line, deadline);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SlipwayError) throw error;
    throw silent(at, line, deadline.aborted ? `no answer within ${commandDeadlineMs / 1000} s` : error);
  }
}

/** HAProxy could not be asked; asked again, it may answer. All else that is wrong stays wrong. */
export class NoAnswer extends SlipwayError {}

function silent({ balancer }: BalancerAt, line: string, saw: unknown): NoAnswer {
  const words = saw instanceof Error ? saw.message : String(saw);
  return new NoAnswer(
    "balancer.unreachable",
    `Could not ask ${balancer.name} at ${balancer.socket} (\`${line}\`): ${words}.`,
    { command: line, cause: saw },
  );
}

/** One connection per line: HAProxy closes it after the answer, which is how the answer's end is known. */
function exchange(endpoint: Endpoint, line: string, signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect("socketPath" in endpoint ? { path: endpoint.socketPath } : endpoint);
  const give = () => socket.destroy(new Error("aborted"));
  let reply = "";
  socket.setEncoding("utf8");
  // Not `end`: through a forward a half-closed connection may be closed before the answer has come.
  socket.on("connect", () => socket.write(`${line}\n`));
  socket.on("data", (chunk: string) => {
    reply += chunk;
    if (reply.length > replyLimitBytes) socket.destroy(new Error(`an answer of more than ${replyLimitBytes} bytes`));
  });
  // A yes is one empty line at least; nothing at all means that something between us and HAProxy hung up.
  socket.on("end", () => (reply === "" ? reject(new Error("closed without an answer")) : resolve(reply)));
  socket.on("error", reject);
  socket.on("close", () => reject(new Error("closed in the middle of the answer")));
  signal.addEventListener("abort", give, { once: true });
  if (signal.aborted) give();
  return promise.finally(() => {
    signal.removeEventListener("abort", give);
    socket.destroy();
  });
}
