import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { securityHeaders } from "#api/security-headers.ts";
import type { ErrorShape } from "#contract/shapes.ts";
import type { Fixture } from "./fixture-states.ts";
import { bundle, plan } from "./fixture-values.ts";

/** Serves the built page and answers its API from a fixture, with the real server's headers. */
export class FixtureApi {
  readonly token = "fixture-token";
  /** What came in: `POST /api/rollbacks {"service":"hello"}` */
  readonly changes: string[] = [];
  fixture: Fixture;
  /** As a server does that does not listen on loopback. */
  readsNeedToken = false;
  readonly #directory: string;
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #streams = new Set<ServerResponse>();
  #eventId = 0;

  private constructor(directory: string, fixture: Fixture) {
    this.#directory = directory;
    this.fixture = fixture;
  }

  static async start(directory: string, fixture: Fixture, port = 0): Promise<FixtureApi> {
    const api = new FixtureApi(directory, fixture);
    await new Promise<void>((resolve) => api.#server.listen(port, "127.0.0.1", resolve));
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get followers(): number {
    return this.#streams.size;
  }

  tell(...topics: string[]): void {
    for (const topic of topics) {
      this.#eventId += 1;
      const text = `id: ${this.#eventId}\nevent: change\ndata: ${JSON.stringify({ topic })}\n\n`;
      for (const stream of this.#streams) stream.write(text);
    }
  }

  /** Ends every stream; a page that follows comes back by itself. */
  dropStreams(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    const { pathname, searchParams } = new URL(request.url ?? "/", this.url);
    const isStranger = request.headers.authorization !== `Bearer ${this.token}`;
    const needsToken = request.method === "POST" || (this.readsNeedToken && pathname.startsWith("/api/"));
    if (isStranger && needsToken) return refuse(response, 401, "auth.required", "The token given is not the server's.");
    if (pathname === "/api/events") return this.#stream(response);
    if (request.method === "POST") return this.#change(request, response, pathname);
    if (/^\/api\/rollouts\/[^/]+\/bundles\/web-1$/.test(pathname)) return send(response, 200, bundle);
    if (pathname.startsWith("/api/")) return this.#read(response, pathname, Number(searchParams.get("after") ?? 0));
    await this.#file(response, pathname);
  }

  #stream(response: ServerResponse): void {
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    response.write(`retry: 2000\nid: ${this.#eventId}\n\n`);
    this.#streams.add(response);
    response.on("close", () => this.#streams.delete(response));
  }

  #read(response: ServerResponse, pathname: string, after: number): void {
    const [kind = "", id = ""] = pathname.slice("/api/".length).split("/").map(decodeURIComponent);
    const { overview, builds, rollouts, releases, logs, readiness } = this.fixture;
    const answers: Record<string, unknown> = {
      overview,
      builds: builds[id],
      rollouts: rollouts[id] ?? Object.values(rollouts).find((detail) => String(detail.rollout.number) === id),
      releases: { releases },
      readiness: readiness ?? this.#readinessOf(),
      logs: logChunks(logs[id] ?? { texts: [], ended: true }, after),
    };
    const answer = answers[kind];
    if (answer === undefined) refuse(response, 404, "not.found", `There is no ${kind} ${id}.`);
    else send(response, 200, answer);
  }

  #readinessOf() {
    const hosts = ["web-1", "web-2", "web-3"].map((name) => ({ name, holdsImage: true }));
    const place = { service: "hello", environment: "production", release: 5 };
    return { ...place, hosts, expectedSeconds: 12.3, refusals: [], ready: true };
  }

  async #change(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    this.changes.push(`POST ${pathname} ${Buffer.concat(parts).toString()}`.trim());
    if (pathname === "/api/plan") return send(response, 200, this.fixture.plan ?? plan(8, ["web-1", "web-2", "web-3"]));
    const [detail] = Object.values(this.fixture.rollouts);
    send(response, 200, pathname.endsWith("/poll") ? this.fixture.overview.sources[0] : detail?.rollout);
  }

  async #file(response: ServerResponse, pathname: string): Promise<void> {
    const path = pathname === "/" ? "/index.html" : normalize(pathname);
    try {
      const body = await readFile(join(this.#directory, path));
      response.writeHead(200, { "Content-Type": types[extname(path)] ?? "application/octet-stream" }).end(body);
    } catch {
      // Whatever the reason, the browser is told what a static server tells.
      refuse(response, 404, "not.found", `There is no ${path}.`);
    }
  }
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

const chunksAtOnce = 1_000;

function logChunks({ texts, ended }: Fixture["logs"][string], after: number) {
  const chunks = texts.map((text, index) => ({ seq: index + 1, at: new Date().toISOString(), text }));
  const some = chunks.slice(after, after + chunksAtOnce);
  return { chunks: some, ended: ended && some.length < chunksAtOnce };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  const error: ErrorShape = { code, message, advice: "Nothing more to say." };
  send(response, status, { error });
}
