import { createParser } from "eventsource-parser";
import { type AnswerOf, type CallOf, pathOf } from "#contract/calls.ts";
import { type Route, type RouteName, routes } from "#contract/routes.ts";
import { changeShape, problemShape } from "#contract/shapes.ts";
import { CliError, exitCodes } from "./cli-error.ts";
import type { Connection } from "./connection.ts";

const answerTimeoutMs = 30_000;
/** Looks at every host before it answers. */
const slowAnswerTimeoutMs = 120_000;
const slow: readonly RouteName[] = ["plan", "deploy", "rollback", "correct", "readiness", "doctor", "poll"];
/** The server pings every 15 s. */
const silentStreamMs = 45_000;

/** The server, as the contract describes it. Every rejection is a CliError. */
export type Client = {
  readonly server: string;
  call<R extends RouteName>(name: R, call?: CallOf<R>): Promise<AnswerOf<R>>;
  /** The bytes of one of the server's files: a receipt as page or picture. */
  file(path: string): Promise<Uint8Array>;
  /** Topics as they change, until the stream ends or breaks; calls `onOpen` once it listens. */
  changes(onOpen: () => void, signal: AbortSignal): AsyncGenerator<string>;
};

export const makeClient = (connection: Connection, interrupted: AbortSignal): Client => ({
  server: connection.server,
  call: async (name, given = {}) => {
    const call = given as AnyCall;
    const route: Route = routes[name];
    const limit = AbortSignal.timeout(slow.includes(name) ? slowAnswerTimeoutMs : answerTimeoutMs);
    const url = urlOf(connection, name, call);
    const init = { method: route.method, ...bodyOf(call), signal: AbortSignal.any([limit, interrupted]) };
    const response = await send(connection, url, init);
    const answer = await readJson(response, connection);
    if (!response.ok) throw problemOf(response.status, answer, connection);
    const read = routes[name].answer.safeParse(answer);
    if (!read.success) throw otherVersion(connection, read.error);
    return read.data as AnswerOf<typeof name>;
  },
  file: async (path) => {
    const signal = AbortSignal.any([AbortSignal.timeout(answerTimeoutMs), interrupted]);
    const response = await send(connection, connection.server + path, { signal });
    if (!response.ok) throw problemOf(response.status, await readJson(response, connection), connection);
    return new Uint8Array(await response.arrayBuffer());
  },
  changes: (onOpen, signal) => changes(connection, onOpen, signal),
});

type AnyCall = { readonly params?: object; readonly query?: object; readonly body?: unknown };

const urlOf = (connection: Connection, name: RouteName, call: AnyCall): string => {
  const url = new URL(connection.server + pathOf(name, { ...call.params } as Record<string, string>));
  for (const [key, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) url.searchParams.set(key, String(value));
  }
  return url.href;
};

const bodyOf = ({ body }: AnyCall) =>
  body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };

const send = async (connection: Connection, url: string, init: RequestInit): Promise<Response> => {
  const authorization = connection.token ? { Authorization: `Bearer ${connection.token}` } : {};
  try {
    // A redirect would carry the token to somebody else.
    return await fetch(url, { ...init, headers: { ...init.headers, ...authorization }, redirect: "error" });
  } catch (cause) {
    throw noAnswer(connection, cause);
  }
};

const readJson = async (response: Response, connection: Connection): Promise<unknown> => {
  try {
    return await response.json();
  } catch (cause) {
    throw otherVersion(connection, cause);
  }
};

const noAnswer = ({ server }: Connection, cause: unknown): CliError => {
  const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : "";
  const late = cause instanceof Error && cause.name === "TimeoutError";
  if (cause instanceof Error && cause.name === "AbortError") {
    return failed(
      "server.unreachable",
      "Interrupted before the server answered.",
      "See `slipway status` for what became of it.",
    );
  }
  return late
    ? failed(
        "deadline.exceeded",
        `The Slipway server at ${server} did not answer in time.`,
        "Look at the server's log.",
        cause,
      )
    : failed(
        "server.unreachable",
        `No Slipway server answers at ${server}: start one with \`slipway server --fleet fleet.yaml\``,
        why ? `It is somewhere else? Name it with --server or SLIPWAY_SERVER. (${why})` : "Or name it with --server.",
        cause,
      );
};

const problemOf = (status: number, answer: unknown, connection: Connection): CliError => {
  const read = problemShape.safeParse(answer);
  if (!read.success) return otherVersion(connection, read.error);
  const { error } = read.data;
  const exitCode = status < 500 ? exitCodes.refused : exitCodes.failed;
  if (error.code !== "auth.required") return new CliError(exitCode, error);
  return new CliError(exitCode, { ...error, message: `${error.message} Looked for it in ${connection.tokenFrom}.` });
};

const otherVersion = ({ server }: Connection, cause: unknown): CliError =>
  failed(
    "server.unreachable",
    `What answers at ${server} is no Slipway server, or one of another version than this command.`,
    "Check --server, and use the command line that came with the server.",
    cause,
  );

const failed = (code: string, message: string, advice: string, cause?: unknown): CliError =>
  new CliError(exitCodes.failed, { code, message, advice }, cause);

async function* changes(connection: Connection, onOpen: () => void, signal: AbortSignal): AsyncGenerator<string> {
  const silent = new AbortController();
  const watchdog = setTimeout(() => silent.abort(), silentStreamMs);
  try {
    const response = await send(connection, `${connection.server}/api/events`, {
      signal: AbortSignal.any([signal, silent.signal]),
    });
    if (!response.ok || !response.body)
      throw problemOf(response.status, await readJson(response, connection), connection);
    onOpen();
    const topics: string[] = [];
    const parser = createParser({
      onEvent: ({ event, data }) => {
        if (event === "change") topics.push(changeShape.parse(JSON.parse(data)).topic);
      },
    });
    const decoder = new TextDecoder();
    for await (const part of response.body) {
      watchdog.refresh();
      parser.feed(decoder.decode(part, { stream: true }));
      yield* topics.splice(0);
    }
  } finally {
    clearTimeout(watchdog);
  }
}
