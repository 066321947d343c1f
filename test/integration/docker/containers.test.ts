import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import { SlipwayError } from "#core/errors.ts";
import type { Image } from "#core/release.ts";
import { containersContract } from "#ports/containers.contract.ts";
import type { ContainerWish } from "#ports/containers.ts";
import { madeBaseImage } from "../../../demo/base-image.ts";
import { freePort } from "../../../scripts/setup/free-port.ts";
import { DockerBench, secret, within } from "./bench.ts";

let bench: DockerBench;
let image: Image;
let rollout = 100;
before(async () => {
  bench = await DockerBench.open();
  image = await bench.build();
});
after(() => bench[Symbol.asyncDispose]());

const start = (wish: ContainerWish) => bench.containers.start(bench.host(), wish, within(30_000));
const stop = (name: string, timeoutMs = 2_000) =>
  bench.containers.stop(bench.host(), name, { signal: "SIGTERM", timeoutMs }, within(30_000));
const lastLines = (name: string, limit = 4_096) =>
  bench.containers.lastLines(bench.host(), name, limit, within(10_000));
const node = (program: string) => ({ command: ["node", "-e", program] });
const inspect = async (name: string) => JSON.parse(await bench.byHand("GET", `/containers/${name}/json`));

const failure = (code: string, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof SlipwayError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, words);
  assert.equal(error.details.host, "web-1");
  return true;
};

async function eventually(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await isSo())) {
    assert.ok(performance.now() < end, `it did not come to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

containersContract("Docker Engine", () => ({
  containers: bench.containers,
  at: bench.host(),
  repository: bench.repository,
  login: bench.registry.access.login,
  wish: async () => bench.wish(image, ++rollout),
  freePort: () => freePort(),
  absent: { repository: bench.repository, digest: `sha256:${"0".repeat(64)}` },
}));

describe("a container", () => {
  test("gets its environment, secrets, limits and stop signal, and comes back with the host", async () => {
    const wish = await bench.wish(image, ++rollout, { limits: { memoryBytes: 256 * 1024 * 1024, cpus: 0.5 } });
    const { name } = await start({ ...wish, secrets: { DATABASE_URL: secret("postgres://ben:pass word'\"$x@db") } });
    await eventually("it answers", () => answers(wish));
    const env = await (await fetch(`http://127.0.0.1:${wish.run.port}/`)).json();
    assert.equal(env.DATABASE_URL, "postgres://ben:pass word'\"$x@db");
    const { HostConfig, Config } = await inspect(name);
    assert.deepEqual(
      [HostConfig.Memory, HostConfig.NanoCpus, HostConfig.RestartPolicy.Name, HostConfig.Init, Config.StopSignal],
      [256 * 1024 * 1024, 500_000_000, "unless-stopped", true, "SIGTERM"],
    );
    assert.doesNotMatch(JSON.stringify(Config.Labels), /pass word/);
    await stop(name);
  });

  test("is published on its host's own address where several hosts share the engine", async () => {
    const [one, two] = [bench.host("web-1", "127.0.0.11"), bench.host("web-2", "127.0.0.12")];
    const wish = await bench.wish(image, ++rollout);
    const other = { ...wish, identity: { ...wish.identity, host: "web-2" } };
    const [first, second] = [
      await bench.containers.start(one, wish, within(30_000)),
      await bench.containers.start(two, other, within(30_000)),
    ];
    assert.deepEqual([first.host, second.host], ["web-1", "web-2"]);
    const names = (await bench.look(other, two)).containers.map(({ name }) => name);
    assert.ok(names.includes(second.name) && !names.includes(first.name));
    assert.equal((await bench.look(wish, one)).portTaken, undefined);
    for (const address of ["127.0.0.11", "127.0.0.12"])
      await eventually(`${address} answers`, () => answers(wish, address));
    await assert.rejects(bench.containers.stop(two, first.name, wish.run.stop, within(5_000)), /did not make/);
    await bench.containers.stop(one, first.name, wish.run.stop, within(10_000));
    await bench.containers.stop(two, second.name, wish.run.stop, within(10_000));
  });

  test("that ends at once is seen with its exit code and its last words", async () => {
    const program = "console.error('Error: no session store'); console.log('é'.repeat(10)); process.exit(7)";
    const wish = await bench.wish(image, ++rollout, node(program));
    const { name } = await start(wish);
    await eventually("the engine starts it again and again", async () => {
      const sight = (await bench.look(wish)).containers.find((found) => found.name === name);
      return sight?.state === "restarting" && sight.exitCode === 7 && sight.restarts > 0;
    });
    assert.match(await lastLines(name), /^Error: no session store\n/);
    assert.ok(Buffer.byteLength(await lastLines(name, 30)) <= 30);
    await stop(name);
    const ended = (await bench.look(wish)).containers.find((found) => found.name === name);
    assert.equal(ended?.state, "stopped");
    // The engine may have been in the middle of starting it once more: then it ended by our SIGTERM.
    assert.ok(ended?.exitCode === 7 || ended?.exitCode === 143, `ended with ${ended?.exitCode}`);
  });

  test("that ignores SIGTERM is killed when its time is over", async () => {
    const wish = await bench.wish(
      image,
      ++rollout,
      node("process.on('SIGTERM', () => {}); setInterval(() => {}, 1e3); console.log('up')"),
    );
    const { name } = await start(wish);
    await eventually("it is up", async () => (await lastLines(name)).includes("up"));
    const began = performance.now();
    await stop(name, 1_000);
    const took = performance.now() - began;
    assert.ok(took > 900 && took < 8_000, `${took} ms`);
    assert.equal((await inspect(name)).State.Running, false);
  });

  test("that could not be started is kept for a look; once stopped, the engine does not start it later", async () => {
    const wish = await bench.wish(image, ++rollout);
    {
      await using _ = await listening(wish.run.port);
      await assert.rejects(start(wish), failure("container.port-taken", /address already in use/));
    }
    const { containers } = await bench.look(wish);
    const { name } = containers.find((found) => found.rollout === rollout) ?? assert.fail("it is not kept");
    await stop(name);
    assert.equal((await inspect(name)).HostConfig.RestartPolicy.Name, "no");
    await start(wish);
    assert.equal((await inspect(name)).HostConfig.RestartPolicy.Name, "unless-stopped");
    await stop(name);
  });

  test("whose program is not in the image is seen to end, with the reason", async () => {
    const wish = await bench.wish(image, ++rollout, { command: ["/no/such/program"] });
    const { name } = await start(wish);
    await eventually("it has said why", async () => /no\/such\/program.*No such file/.test(await lastLines(name)));
    await stop(name);
  });

  test("whose port a program or another container has is refused, and the plan sees the container", async () => {
    const other = await bench.wish(image, ++rollout);
    const stranger = { ...other, identity: { ...other.identity, service: "stranger" } };
    const { name } = await start(stranger);
    const wish = await bench.wish(image, ++rollout, { port: other.run.port });
    assert.deepEqual((await bench.look(wish)).portTaken, { port: wish.run.port, by: `container ${name}` });
    await assert.rejects(start(wish), failure("container.port-taken", /Could not start/));
    await stop(name);
    assert.equal((await bench.look(wish)).portTaken, undefined);
  });

  test("whose volume is not on the host is refused with the path, and nothing is made there", async () => {
    const missing = `${bench.directory}/no-such-socket`;
    const wish = await bench.wish(image, ++rollout, { volumes: [`${missing}:/dev/log`] });
    await assert.rejects(
      start(wish),
      failure("container.start-failed", new RegExp(`${missing}, which a volume names`)),
    );
    assert.equal(existsSync(missing), false);
  });

  test("gets a socket of the host as its /dev/log, and a directory that it may only read", async () => {
    await using _ = await listening(`${bench.directory}/log.sock`);
    const program = `const fs = require("node:fs"); console.log(fs.statSync("/dev/log").isSocket(), "socket");
      try { fs.writeFileSync("/given/x", "x") } catch (error) { console.log(error.code) } setInterval(() => {}, 1e3)`;
    const volumes = [`${bench.directory}/log.sock:/dev/log`, `${bench.directory}:/given:ro`];
    const { name } = await start(await bench.wish(image, ++rollout, { ...node(program), volumes }));
    await eventually("it has looked", async () => (await lastLines(name)) === "true socket\nEROFS\n");
    await stop(name);
  });

  test("with host networking binds the host's port itself", async () => {
    const wish = await bench.wish(image, ++rollout, { network: "host" });
    const { name } = await start(wish);
    await eventually("it answers", () => answers(wish));
    await stop(name);
  });
});

describe("what Slipway did not start", () => {
  test("is neither seen, nor stopped, nor started, nor removed", async () => {
    const body = { Image: madeBaseImage, Cmd: ["node", "-e", "setInterval(() => {}, 1000)"] };
    await bench.byHand("POST", "/containers/create?name=theirs", body);
    await bench.byHand("POST", "/containers/theirs/start");
    const wish = await bench.wish(image, ++rollout);
    assert.ok(!(await bench.look(wish)).containers.some(({ name }) => name === "theirs"));
    await assert.rejects(stop("theirs"), failure("container.start-failed", /did not make/));
    await assert.rejects(bench.containers.startAgain(bench.host(), "theirs", within(5_000)), /did not make/);
    await bench.byHand("POST", "/containers/theirs/kill");
    await prune(["theirs"]);
    assert.equal((await inspect("theirs")).Name, "/theirs");
    await bench.byHand("DELETE", "/containers/theirs");
  });
});

const prune = (names: readonly string[], keepDigests: readonly string[] = [image.digest]) =>
  bench.containers.prune(bench.host(), { names, repository: bench.repository, keepDigests }, within(20_000));

describe("pull and prune", () => {
  test("a digest that is not kept and not used goes, one that is used stays, and can be pulled again", async () => {
    const spare = await bench.build({ "app.js": "// spare" });
    const used = await bench.build({ "app.js": "setInterval(() => {}, 1000) // used" });
    const wish = await bench.wish(used, ++rollout);
    const { name } = await start(wish);
    await prune([name]);
    const { digests, containers } = await bench.look(wish);
    assert.ok(
      containers.some((found) => found.name === name),
      "one that runs is not removed",
    );
    assert.deepEqual(
      [spare, used, image].map(({ digest }) => digests.includes(digest)),
      [false, true, true],
    );
    const told: string[] = [];
    const { login } = bench.registry.access;
    await bench.containers.pull(bench.host(), spare, login, within(30_000), (line) => told.push(line));
    assert.ok((await bench.look(wish)).digests.includes(spare.digest));
    assert.match(told.join("\n"), /pulling/);
    await stop(name);
    await prune([name]);
    assert.ok(!(await bench.look(wish)).containers.some((found) => found.name === name));
  });

  test("a pull with wrong credentials, of a missing image, or from nowhere says which it was", async () => {
    const pull = (what: Image, password: string) =>
      bench.containers.pull(bench.host(), what, { username: "acme", password: secret(password) }, within(30_000));
    const missing = { repository: bench.repository, digest: `sha256:${"1".repeat(64)}` };
    await assert.rejects(pull(missing, "wrong-password"), (error) => {
      assert.doesNotMatch(JSON.stringify(error), /wrong-password/);
      return failure("registry.refused", /unauthorized|no basic auth/)(error);
    });
    await assert.rejects(pull(missing, "registry-password-7Q"), failure("image.missing", /Could not pull/));
    const nowhere = { ...missing, repository: `127.0.0.1:${await freePort()}/acme/hello` };
    await assert.rejects(pull(nowhere, "x"), failure("registry.unreachable", /refused/));
  });

  test("a pull that is aborted ends at once, with the reason that was given", async () => {
    const port = await freePort();
    await using _ = await listening(port);
    const cancel = new AbortController();
    const why = new Error("a person cancelled it");
    setTimeout(() => cancel.abort(why), 200);
    const slow = { repository: `127.0.0.1:${port}/acme/hello`, digest: image.digest };
    await assert.rejects(bench.containers.pull(bench.host(), slow, undefined, cancel.signal), why);
  });
});

async function answers(wish: ContainerWish, address = "127.0.0.1"): Promise<boolean> {
  const asked = await fetch(`http://${address}:${wish.run.port}/`, { headers: { connection: "close" } }).catch(
    () => undefined,
  );
  await asked?.text();
  return asked?.ok === true;
}

/** Listens on a loopback port or a socket file, and never says a word. */
async function listening(where: number | string): Promise<AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on("error", () => {})));
  server.listen(typeof where === "number" ? { port: where, host: "127.0.0.1" } : { path: where });
  await once(server, "listening");
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
