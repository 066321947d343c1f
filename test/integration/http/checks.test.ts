import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { httpChecks } from "#adapters/http/http-checks.ts";
import { SlipwayError } from "#core/errors.ts";
import { DirectReach } from "#test/fakes/direct-reach.ts";

const at = {
  network: { name: "office", dockerSocket: "/var/run/docker.sock" },
  host: { name: "web-1", address: "127.0.0.1", server: "web-1" },
};
const never = new AbortController().signal;

async function listening(server: Server, where: string | number = 0): Promise<number> {
  await new Promise<void>((resolve) =>
    typeof where === "string" ? server.listen(where, resolve) : server.listen(where, "127.0.0.1", resolve),
  );
  return typeof where === "string" ? 0 : (server.address() as AddressInfo).port;
}

const tcp = (onConnection: (socket: Socket) => void) =>
  createTcpServer((socket) => {
    socket.on("error", () => socket.destroy());
    onConnection(socket);
  });

test("status, the start of the body and the time; asked as localhost, redirects not followed", async () => {
  const secret = "postgres://hello:hunter22@db/hello";
  const bodies: Record<string, string> = {
    "/big": "x".repeat(1_000_000),
    "/secret": `${"no connection ".padEnd(4_080, ".")} ${secret} refused`,
  };
  const app = createServer((request, response) => {
    assert.equal(request.headers.host, "localhost");
    if (request.url === "/moved") response.writeHead(302, { location: "/healthz" });
    response.end(bodies[request.url ?? ""] ?? `you asked ${request.url}`);
  });
  const port = await listening(app);
  const checks = httpChecks({ reach: new DirectReach() });
  const ask = (path: string) => checks.get(at, { port, path, timeoutMs: 2_000 }, never);
  const good = await ask("/healthz?deep=1");
  assert.deepEqual({ ...good, ms: 0 }, { status: 200, body: "you asked /healthz?deep=1", ms: 0 });
  assert.equal((await ask("/moved")).status, 302);
  assert.equal((await ask("/big")).body.length, 4_096);
  assert.doesNotMatch((await ask("/secret")).body, /postgres/, "half a secret, which no mask knows");
  app.close();
});

test("a program that does not answer is status 0 with the reason", async () => {
  const silent = tcp(() => {});
  const hangsUp = tcp((socket) => socket.destroy());
  const breaksOff = tcp((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nstart"));
  const nonsense = tcp((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
  const gone = tcp(() => {});
  const checks = httpChecks({ reach: new DirectReach() });
  const said = async (server: Server, stop = false) => {
    const port = await listening(server);
    if (stop) await new Promise((resolve) => server.close(resolve));
    const answer = await checks.get(at, { port, path: "/", timeoutMs: 150 }, never);
    if (!stop) server.close();
    assert.equal(answer.status, 0);
    return answer.body;
  };
  assert.equal(await said(silent), "no answer within 150 ms");
  assert.equal(await said(hangsUp), "closed without an answer");
  assert.equal(await said(breaksOff), "the answer broke off");
  assert.match(await said(nonsense), /Parse Error/);
  assert.equal(await said(gone, true), "refused: nothing listens on that port");
});

test("an abort rejects with the signal's reason", async () => {
  const silent = tcp(() => {});
  const port = await listening(silent);
  const stop = new AbortController();
  const reason = new Error("cancelled");
  setTimeout(() => stop.abort(reason), 30);
  const asked = httpChecks({ reach: new DirectReach() }).get(at, { port, path: "/", timeoutMs: 5_000 }, stop.signal);
  await assert.rejects(asked, (error) => error === reason);
  silent.close();
});

/** A forward whose socket file is what the client connects to. */
class ForwardReach extends DirectReach {
  readonly paths: string[];
  constructor(paths: string[]) {
    super();
    this.paths = paths;
  }
  override async open(...args: Parameters<DirectReach["open"]>) {
    await super.open(...args);
    return { socketPath: this.paths[Math.min(this.opened.length, this.paths.length) - 1] ?? "" };
  }
}

test("a dead forward is forgotten and opened once more; twice dead, the host is out of reach", async () => {
  const directory = await mkdtemp(join(tmpdir(), "slipway-checks-"));
  const app = createServer((_, response) => response.end("ok"));
  const alive = join(directory, "alive.sock");
  await listening(app, alive);
  const dead = join(directory, "dead.sock");
  const healed = new ForwardReach([dead, alive]);
  const question = { port: 8080, path: "/", timeoutMs: 1_000 };
  assert.equal((await httpChecks({ reach: healed }).get(at, question, never)).status, 200);
  assert.deepEqual([healed.opened.length, healed.forgotten.length], [2, 1]);
  const asked = httpChecks({ reach: new ForwardReach([dead]) }).get(at, question, never);
  await assert.rejects(asked, (error) => error instanceof SlipwayError && error.code === "host.unreachable");
  app.close();
  await rm(directory, { recursive: true });
});
