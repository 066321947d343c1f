import { createHash, timingSafeEqual } from "node:crypto";
import { isIPv4 } from "node:net";
import { SlipwayError } from "#core/errors.ts";
import type { Secret } from "#core/secret.ts";

export type Access = "open" | "read" | "change";

/** What the guard looks at of a request. */
export type Visitor = {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
};

/**
 * Throws unless the request may go on. Open requests and, on loopback, reads need no token. On loopback the Host header
 * must name loopback, or a page of the web could rebind its own name to this server and read everything.
 */
export const makeGuard =
  (bound: { host: string; token: Secret }) =>
  (access: Access, visitor: Visitor): void => {
    const loopback = isLoopback(bound.host);
    if (loopback && !isLoopback(hostName(visitor.host ?? ""))) {
      throw wrongPlace(`asked as ${quote(visitor.host)}, while this server listens on loopback only`);
    }
    if (access === "open") return;
    if (visitor.origin !== undefined && hostOfOrigin(visitor.origin) !== visitor.host) {
      throw wrongPlace(`sent by a page of ${quote(visitor.origin)} to ${quote(visitor.host)}`);
    }
    if (access === "read" && loopback) return;
    if (!isToken(visitor.authorization, bound.token)) throw noToken(visitor.authorization);
  };

/** Whether a name or address can only mean this machine. */
export const isLoopback = (name: string): boolean =>
  name === "localhost" || name === "::1" || (isIPv4(name) && name.startsWith("127."));

/** `[::1]:7420` to `::1`, `localhost:7420` to `localhost`. */
export const hostName = (host: string): string => {
  const bracketed = /^\[([0-9a-f:.]+)\](?::\d+)?$/i.exec(host);
  return (bracketed?.[1] ?? host.replace(/:\d+$/, "")).toLowerCase();
};

const hostOfOrigin = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined);

// Both sides are hashed first: equal length, and a comparison whose time says nothing about the token.
const isToken = (authorization: string | undefined, token: Secret): boolean => {
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  return given !== undefined && timingSafeEqual(digest(given), digest(token.reveal()));
};

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

const noToken = (authorization: string | undefined): SlipwayError =>
  new SlipwayError(
    "auth.required",
    authorization === undefined
      ? "This request needs the header `Authorization: Bearer <token>`; it has none."
      : "This request needs the server's token; the one given in the Authorization header is not it.",
  );

const wrongPlace = (saw: string): SlipwayError => new SlipwayError("auth.origin", `Refused a request that was ${saw}.`);

const quote = (text: string | undefined): string =>
  text === undefined ? "nothing" : JSON.stringify(text.slice(0, 200));
