import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createSocketServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { dockerContainers } from "#adapters/docker/docker-containers.ts";
import { dockerImages } from "#adapters/docker/docker-images.ts";
import { SlipwayError } from "#core/errors.ts";
import { Secret } from "#core/secret.ts";
import { DirectReach } from "#test/fakes/direct-reach.ts";

const within = (ms: number) => AbortSignal.timeout(ms);
const stop = { signal: "SIGTERM", timeoutMs: 1_000 };
const isUnreachable = (error: unknown) => error instanceof SlipwayError && error.code === "engine.unreachable";

/** A socket file behind which every connection is treated as `onRequest` says; not an engine. */
async function way(onRequest: (socket: Socket, count: number) => void) {
  const directory = await mkdtemp(join(tmpdir(), "slipway-way-"));
  const dockerSocket = join(directory, "docker.sock");
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createSocketServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    socket.on("data", () => onRequest(socket, ++count));
  }).listen(dockerSocket);
  await once(server, "listening");
  const reach = new DirectReach();
  return {
    reach,
    containers: dockerContainers({ reach }),
    at: {
      network: { name: "n", dockerSocket },
      host: { name: "web-1", address: "10.0.0.1", server: "web-1" },
      turn: { place: "integration/hello", number: 1 },
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const answer = (text: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
const version = answer(JSON.stringify({ Version: "20.10", ApiVersion: "1.41", MinAPIVersion: "1.12" }));
const gone = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}";

describe("the way to an engine", () => {
  test("that dies in the middle of an answer is made anew, once, and then named as broken", async () => {
    await using broken = await way((socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"));
    const stopping = broken.containers.stop(broken.at, "x", stop, within(5_000));
    await assert.rejects(stopping, isUnreachable);
    assert.deepEqual([broken.reach.opened.length, broken.reach.forgotten.length], [2, 2]);
  });

  test("that dies once and then works is not noticed", async () => {
    await using shaky = await way((socket, count) =>
      count === 1 ? socket.destroy() : socket.write(count === 2 ? version : gone),
    );
    await shaky.containers.stop(shaky.at, "x", stop, within(5_000));
    assert.equal(shaky.reach.forgotten.length, 1);
  });

  test("that is not there is engine.unreachable, with the socket's name", async () => {
    await using there = await way(() => {});
    const at = { ...there.at, network: { name: "n", dockerSocket: `${there.at.network.dockerSocket}.none` } };
    await assert.rejects(there.containers.stop(at, "x", stop, within(5_000)), (error) => {
      assert.ok(isUnreachable(error) && error instanceof SlipwayError);
      assert.match(error.message, /web-1 did not answer at .*docker\.sock\.none.*ENOENT/);
      return true;
    });
    await assert.rejects(dockerImages({ socketPath: "/no/such.sock" }).engine(within(5_000)), isUnreachable);
  });

  test("that is silent is left when the caller wants to, with the caller's reason", async () => {
    await using silent = await way((socket, count) => void (count === 1 && socket.write(version)));
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(new Error("cancelled")), 100);
    await assert.rejects(silent.containers.stop(silent.at, "x", stop, cancel.signal), /cancelled/);
  });
});

test("a token is fetched for a registry that wants one, with the password, and used for what follows", async () => {
  const seen: string[] = [];
  const server = createServer((asked, reply) => {
    seen.push(`${asked.url} ${asked.headers.authorization?.split(" ")[0] ?? "nothing"}`);
    if (asked.url?.startsWith("/token")) return void reply.end(JSON.stringify({ access_token: "tok" }));
    const isIn = asked.headers.authorization === "Bearer tok";
    const realm = `Bearer realm="http://${asked.headers.host}/token",service="r"`;
    reply.writeHead(isIn ? 404 : 401, isIn ? {} : { "www-authenticate": realm }).end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const login = { username: "a", password: new Secret("b") };
  const want = {
    repository: `${host}/acme/hello`,
    sha: "a".repeat(40),
    registry: { spec: { insecure: false }, login },
  };
  assert.equal(await dockerImages({ socketPath: "/none" }).find(want, within(5_000)), undefined);
  server.close();
  server.closeAllConnections();
  const manifest = "/v2/acme/hello/manifests/aaaaaaaaaaaa";
  const token = "/token?service=r&scope=repository%3Aacme%2Fhello%3Apull";
  assert.deepEqual(seen, [`${manifest} nothing`, `${token} Basic`, `${manifest} Bearer`]);
});
