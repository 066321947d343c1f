import { randomUUID } from "node:crypto";
import { type ErrorCode, type ErrorRecord, errorCodes, SlipwayError } from "#core/errors.ts";

/** An error as HTTP tells it. */
export type Problem = { readonly status: number; readonly body: { readonly error: ErrorRecord } };

const refusalStatus: Partial<Record<ErrorCode, number>> = {
  "auth.origin": 403,
  "auth.required": 401,
  "config.invalid": 400,
  "input.invalid": 400,
  "not.found": 404,
};

/**
 * Any thrown thing as status and body. A fault's own words stay in the server's log, under an incident id that the
 * caller can quote: they may hold what is nobody's business.
 */
export const problemOf = (thrown: unknown, log: (line: string) => void): Problem => {
  const error = ofFastify(thrown) ?? SlipwayError.from(thrown);
  const body = { error: error.toRecord() };
  switch (error.kind) {
    case "refusal":
      return { status: error === thrown ? (refusalStatus[error.code] ?? 409) : statusOf(thrown), body };
    case "cancelled":
      return { status: 409, body };
    case "failure":
      return { status: error.code === "server.busy" ? 503 : 502, body };
    case "fault":
      return fault(error, log);
    default:
      throw new TypeError(error.kind satisfies never);
  }
};

const fault = (error: SlipwayError, log: (line: string) => void): Problem => {
  const incident = randomUUID().slice(0, 8);
  const cause = error.cause instanceof Error ? error.cause : error;
  log(`fault ${incident}: ${cause.stack ?? cause.message}`);
  const message = `Slipway itself made a mistake while answering; the server's log says more under incident ${incident}.`;
  return { status: 500, body: { error: { code: "fault", message, advice: errorCodes.fault.advice } } };
};

/** What fastify itself refuses before a route runs: a body that is too large, not JSON, or of another type. */
const ofFastify = (thrown: unknown): SlipwayError | undefined => {
  if (thrown instanceof SlipwayError || !(thrown instanceof Error)) return undefined;
  const status = statusOf(thrown);
  if (status < 400 || status > 499) return undefined;
  return new SlipwayError("input.invalid", `The request could not be read: ${thrown.message}.`, { cause: thrown });
};

const statusOf = (thrown: unknown): number =>
  thrown instanceof Error && "statusCode" in thrown && typeof thrown.statusCode === "number" ? thrown.statusCode : 500;
