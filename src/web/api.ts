import type { AnswerOf, CallOf } from "#contract/calls.ts";
import type { RouteName, routes } from "#contract/routes.ts";
import type { ErrorShape } from "#contract/shapes.ts";
import { noteServerDate } from "./server-clock.ts";
import { currentToken } from "./token.ts";

type Address<R extends RouteName> = `${(typeof routes)[R]["method"]} ${(typeof routes)[R]["path"]}`;

// The contract's own table carries the schema library; only its types reach the browser, and they check this one.
const addresses = {
  overview: "GET /api/overview",
  build: "GET /api/builds/:id",
  rollout: "GET /api/rollouts/:id",
  bundle: "GET /api/rollouts/:id/bundles/:host",
  releases: "GET /api/releases/:service",
  log: "GET /api/logs/:id",
  plan: "POST /api/plan",
  deploy: "POST /api/rollouts",
  rollback: "POST /api/rollbacks",
  cancel: "POST /api/rollouts/:id/cancel",
  pause: "POST /api/rollouts/:id/pause",
  steer: "POST /api/rollouts/:id/steer",
  correct: "POST /api/corrections",
  readiness: "GET /api/readiness",
  approve: "POST /api/rollouts/:id/approve",
  poll: "POST /api/sources/:name/poll",
} as const satisfies { readonly [R in RouteName]?: Address<R> };

export type CalledRoute = keyof typeof addresses;

/** What the server answered when it did not do what was asked. */
export class CallError extends Error {
  readonly error: ErrorShape;
  readonly status: number;

  constructor(error: ErrorShape, status: number) {
    super(error.message);
    this.name = "CallError";
    this.error = error;
    this.status = status;
  }
}

const timeoutMs = 35_000;

/** One call of the HTTP API. Resolves with its answer; rejects with a CallError and with nothing else. */
export async function call<R extends CalledRoute>(
  name: R,
  request: CallOf<R>,
  signal?: AbortSignal,
): Promise<AnswerOf<R>> {
  const { method, path } = addressOf(name, request);
  const limit = AbortSignal.timeout(timeoutMs);
  const response = await fetch(path, {
    method,
    headers: headersFor(request.body !== undefined),
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
  }).catch((cause: unknown) => {
    throw new CallError(unreachable(method, path, cause), 0);
  });
  noteServerDate(response.headers.get("date"));
  const answer: unknown = await response.json().catch(() => undefined);
  if (!response.ok || answer === undefined) throw new CallError(problemIn(answer, response), response.status);
  return answer as AnswerOf<R>;
}

/** The token goes along where there is one: a server that does not listen on loopback asks for it on reads too. */
export function headersFor(hasBody: boolean): Record<string, string> {
  const token = currentToken();
  return {
    Accept: "application/json",
    ...(hasBody ? { "Content-Type": "application/json" } : {}),
    ...(token ? { Authorization: `Bearer ${token}` } : {}),
  };
}

function addressOf<R extends CalledRoute>(name: R, { params, query }: CallOf<R>): { method: string; path: string } {
  const [method = "GET", template = "/"] = addresses[name].split(" ");
  const values: Readonly<Record<string, string>> = params ?? {};
  const path = template.replaceAll(/:(\w+)/g, (_, key: string) => encodeURIComponent(values[key] ?? ""));
  const search = new URLSearchParams(
    Object.entries((query ?? {}) as Record<string, unknown>).map(([key, value]) => [key, String(value)]),
  ).toString();
  return { method, path: search ? `${path}?${search}` : path };
}

function problemIn(answer: unknown, { status, statusText }: Response): ErrorShape {
  const error = (answer as { error?: ErrorShape } | undefined)?.error;
  if (error?.message) return error;
  const message = `The server answered ${status} ${statusText} without a reason.`;
  return { code: "server.strange", message, advice: "Look at the server's own log." };
}

const unreachable = (method: string, path: string, cause: unknown): ErrorShape => ({
  code: "server.unreachable",
  message: `Could not ask the server: ${method} ${path} got no answer (${cause instanceof Error ? cause.message : String(cause)}).`,
  advice: "Is it running? The page tries again by itself.",
});
