import assert from "node:assert/strict";
import { test } from "node:test";
import { Secret } from "#core/secret.ts";
import type { ContainerWish, EngineHost } from "#ports/containers.ts";
import { dockerConfig } from "./build-commands.ts";
import * as commands from "./commands.ts";
import { containerName, identityOf, labelsOf } from "./container-labels.ts";
import { familiarName, splitRepository } from "./image-reference.ts";
import { mountOf } from "./mounts.ts";
import { createFailure } from "./start-failures.ts";

const local: EngineHost = {
  network: { name: "here", dockerSocket: "/run/docker.sock" },
  host: { name: "web-1", address: "127.0.0.11", server: "web-1" },
};
const remote: EngineHost = { ...local, network: { ...local.network, ssh: { port: 22 } } };
const wish: ContainerWish = {
  identity: { service: "hello", environment: "personal/ben", host: "web-1", release: 3, rollout: 17 },
  image: { repository: "r.example.com/acme/hello", digest: "sha256:1" },
  commit: "c0ffee",
  hostPort: 8080,
  secrets: { TOKEN: new Secret("s3cr3t-token") },
  run: {
    port: 8080,
    network: "bridge",
    env: { LOG_LEVEL: "info" },
    secrets: ["TOKEN"],
    volumes: ["/dev/log:/dev/log"],
    stop: { signal: "SIGINT", timeoutMs: 1_500 },
    limits: {},
  },
};
const body = (at: EngineHost, change: Partial<ContainerWish["run"]> = {}) =>
  JSON.parse(JSON.stringify(commands.createContainer(at, "x", { ...wish, run: { ...wish.run, ...change } }).body));

test("a container is made of its digest, published where its host answers, and comes back with it", () => {
  const made = body(local);
  assert.equal(made.Image, "r.example.com/acme/hello@sha256:1");
  assert.deepEqual(made.Env, ["LOG_LEVEL=info", "TOKEN=s3cr3t-token"]);
  assert.deepEqual([made.StopSignal, made.StopTimeout], ["SIGINT", 2]);
  assert.deepEqual(made.HostConfig.PortBindings, { "8080/tcp": [{ HostIp: "127.0.0.11", HostPort: "8080" }] });
  assert.equal(body(remote).HostConfig.PortBindings["8080/tcp"][0].HostIp, "0.0.0.0");
  const { NetworkMode, PortBindings } = body(remote, { network: "host" }).HostConfig;
  assert.deepEqual([NetworkMode, PortBindings], ["host", undefined]);
});

test("the name is legal and readable; the labels hold the identity", () => {
  assert.equal(containerName(wish.identity), "hello.personal-ben.web-1.17");
  assert.deepEqual(identityOf(labelsOf(wish)), { ...wish.identity, digest: "sha256:1", hostPort: 8080 });
  assert.equal(identityOf({ "slipway.service": "hello", "slipway.host": "web-1" }), undefined);
});

test("a volume is a mount that refuses a missing source", () => {
  assert.deepEqual(mountOf("/dev/log:/dev/log"), {
    Type: "bind",
    Source: "/dev/log",
    Target: "/dev/log",
    ReadOnly: false,
  });
  const shared = mountOf("/a:/b:ro,rslave");
  assert.deepEqual([shared.ReadOnly, shared.BindOptions], [true, { Propagation: "rslave" }]);
  assert.equal(mountOf("cache:/cache").Type, "volume");
});

test("an engine that repeats what it was given does not tell a secret", () => {
  const error = createFailure(local, wish, JSON.stringify({ message: "invalid environment variable: s3cr3t-token" }));
  assert.equal(error.code, "container.start-failed");
  assert.doesNotMatch(JSON.stringify(error.toRecord()), /s3cr3t/);
});

test("credentials go to the engine as it reads them: URL-safe and padded", () => {
  const login = { username: "a", password: new Secret("?>~~~~") };
  const header = commands.registryAuth(login)["X-Registry-Auth"] ?? "";
  assert.match(header, /^[A-Za-z0-9_-]+=*$/);
  assert.equal(header.length % 4, 0);
  assert.deepEqual(JSON.parse(Buffer.from(header, "base64url").toString()), { username: "a", password: "?>~~~~" });
});

test("a repository is read as Docker reads it", () => {
  const seen = {
    "registry.example.com/acme/hello": ["registry.example.com", "acme/hello", "registry.example.com/acme/hello"],
    "localhost/hello": ["localhost", "hello", "localhost/hello"],
    "r:5000/hello": ["r:5000", "hello", "r:5000/hello"],
    "acme/hello": ["docker.io", "acme/hello", "acme/hello"],
    "docker.io/library/node": ["docker.io", "library/node", "node"],
    node: ["docker.io", "library/node", "node"],
  };
  for (const [repository, [host, path, familiar]] of Object.entries(seen)) {
    assert.deepEqual(splitRepository(repository), { host, path });
    assert.equal(familiarName(repository), familiar);
  }
});

test("a docker program's configuration names the registry that the password is for", () => {
  const login = { username: "a", password: new Secret("b") };
  const config = (repository: string) =>
    JSON.parse(dockerConfig({ repository, registry: { spec: { insecure: false }, login } } as never));
  assert.deepEqual(Object.keys(config("acme/hello").auths), ["https://index.docker.io/v1/"]);
  assert.deepEqual(config("r:5000/hello").auths["r:5000"], { auth: "YTpi" });
});
