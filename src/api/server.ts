import fastify, { type FastifyInstance } from "fastify";
import type { UseCases } from "#app/use-cases.ts";
import { httpAddress } from "#contract/http-address.ts";
import { SlipwayError } from "#core/errors.ts";
import type { Secret } from "#core/secret.ts";
import { defaultStreamLimits, EventStreams, type StreamLimits } from "./event-streams.ts";
import { type Access, makeGuard } from "./guard.ts";
import { openApi } from "./openapi.ts";
import { isPageAddress, servePage } from "./page.ts";
import { problemOf } from "./problem.ts";
import { addReceiptFiles, type ReceiptFile } from "./receipt-files.ts";
import { addRoutes } from "./route-table.ts";
import { securityHeaders } from "./security-headers.ts";

export type ApiOptions = {
  readonly useCases: UseCases;
  readonly receiptFile: ReceiptFile;
  /** Calls back with each topic that changes; returns the way to stop. */
  readonly follow: (onChange: (topic: string) => void) => () => void;
  readonly token: Secret;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Where the page was built to; may be missing. */
  readonly pageDirectory: string;
  /** Rejects while the server cannot do its work. */
  readonly ready: () => Promise<void>;
  readonly log: (line: string) => void;
  readonly version: string;
  readonly streamLimits?: Partial<StreamLimits>;
};

export type Api = {
  /** `http://127.0.0.1:7420` */
  readonly url: string;
  /** Ends the streams at once, lets requests that run finish for a moment; resolves within 2 s. Safe to call twice. */
  close(): Promise<void>;
};

const bodyLimitBytes = 1024 * 1024;
const requestTimeoutMs = 30_000;
const finishMs = 1_500;
const readyTimeoutMs = 5_000;

/** Listens for the page, the command line and everybody else; resolves once it does. */
export const startApi = async (options: ApiOptions): Promise<Api> => {
  const app = fastify({
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: "idle",
    routerOptions: { ignoreTrailingSlash: true },
  });
  const streams = new EventStreams(options.follow, { ...defaultStreamLimits, ...options.streamLimits });
  try {
    guardEveryRequest(app, options);
    answerErrors(app, options.log);
    addRoutes(app, options.useCases);
    addReceiptFiles(app, options.receiptFile);
    addPlainRoutes(app, options, streams);
    await servePage(app, options.pageDirectory);
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    streams[Symbol.dispose]();
    await app.close();
    throw error;
  }
  return { url: addressOf(app, options.host), close: once(() => close(app, streams)) };
};

declare module "fastify" {
  interface FastifyContextConfig {
    access?: Access;
  }
}

const guardEveryRequest = (app: FastifyInstance, options: ApiOptions): void => {
  const guard = makeGuard(options);
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(securityHeaders);
    const { host, origin, authorization } = request.headers;
    // A route below /api/ that does not say what it needs gets the strictest.
    const unsaid = request.url.startsWith("/api/") && !request.is404 ? "change" : "open";
    guard(request.routeOptions.config.access ?? unsaid, { host, origin, authorization });
  });
};

const answerErrors = (app: FastifyInstance, log: (line: string) => void): void => {
  app.setErrorHandler((error, _, reply) => {
    const { status, body } = problemOf(error, log);
    if (status === 401) reply.header("WWW-Authenticate", 'Bearer realm="slipway"');
    return reply.code(status).send(body);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?")[0] ?? "";
    if (isPageAddress(request.method, path, request.headers.accept) && app.hasReplyDecorator("sendFile")) {
      return reply.header("Cache-Control", "no-cache").sendFile("index.html");
    }
    throw new SlipwayError("not.found", `There is no ${request.method} ${path.slice(0, 200)} here; see /openapi.json.`);
  });
};

const addPlainRoutes = (app: FastifyInstance, options: ApiOptions, streams: EventStreams): void => {
  const document = openApi(options.version);
  app.get("/healthz", async () => ({ healthy: true, version: options.version }));
  app.get("/readyz", async () => {
    await isReady(options.ready);
    return { ready: true, version: options.version };
  });
  app.get("/openapi.json", async () => document);
  app.get("/api/events", { exposeHeadRoute: false, config: { access: "read" } }, (request, reply) => {
    streams.assertRoom();
    const lastEventId = request.headers["last-event-id"];
    reply.hijack();
    streams.open(reply.raw, securityHeaders, Array.isArray(lastEventId) ? lastEventId[0] : lastEventId);
  });
};

const isReady = async (ready: () => Promise<void>): Promise<void> => {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer in ${readyTimeoutMs / 1000} s`)), readyTimeoutMs);
  try {
    await Promise.race([ready(), late.promise]);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SlipwayError("server.busy", `The server is not ready: ${why}.`, { cause });
  } finally {
    clearTimeout(timer);
  }
};

const close = async (app: FastifyInstance, streams: EventStreams): Promise<void> => {
  streams[Symbol.dispose]();
  const timer = setTimeout(() => app.server.closeAllConnections(), finishMs);
  try {
    await app.close();
  } finally {
    clearTimeout(timer);
  }
};

const once = (act: () => Promise<void>): (() => Promise<void>) => {
  let running: Promise<void> | undefined;
  return () => {
    running ??= act();
    return running;
  };
};

const addressOf = (app: FastifyInstance, host: string): string => {
  const address = app.server.address();
  if (address === null || typeof address === "string") throw new TypeError("a TCP server has an address and a port");
  return httpAddress(host, address.port);
};
