import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dockerContainers } from "#adapters/docker/docker-containers.ts";
import { dockerImages } from "#adapters/docker/docker-images.ts";
import { EngineClient } from "#adapters/docker/engine-client.ts";
import type { Image } from "#core/release.ts";
import { Secret } from "#core/secret.ts";
import type { RunSpec } from "#core/service.ts";
import type { ContainerWish, HostTurn } from "#ports/containers.ts";
import type { ImageWish } from "#ports/images.ts";
import { DirectReach } from "#test/fakes/direct-reach.ts";
import { ensureBaseImage, madeBaseImage } from "../../../demo/base-image.ts";
import { freePort } from "../../../scripts/setup/free-port.ts";
import { startEngine } from "../../../scripts/setup/own-engine.ts";
import { type PrivateRegistry, startPrivateRegistry } from "./private-registry.ts";

export const within = (ms: number) => AbortSignal.timeout(ms);

/** Says who it is on its port; ends at once at SIGTERM. */
const app = `const { createServer } = require("node:http");
process.on("SIGTERM", () => process.exit(0));
console.log("listening, release", process.env.RELEASE);
createServer((_, answer) => answer.end(JSON.stringify(process.env))).listen(Number(process.env.PORT));
`;

/** An engine and a registry of the tests' own, with one small image in the registry. */
let turn = 0;

export class DockerBench implements AsyncDisposable {
  readonly reach = new DirectReach();
  readonly containers = dockerContainers({ reach: this.reach });
  readonly images;
  readonly socketPath: string;
  readonly registry: PrivateRegistry;
  readonly directory: string;
  readonly #stack: AsyncDisposableStack;
  readonly #engine: EngineClient;

  static async open(): Promise<DockerBench> {
    await using stack = new AsyncDisposableStack();
    const directory = await mkdtemp(join(tmpdir(), "slipway-docker-"));
    stack.defer(() => rm(directory, { recursive: true, force: true }));
    const engine = await startEngine();
    stack.defer(() => engine.stop());
    const registry = await startPrivateRegistry(join(directory, "registry"));
    stack.defer(() => registry.stop());
    await ensureBaseImage(engine.socketPath, madeBaseImage);
    return new DockerBench({ directory, registry, socketPath: engine.socketPath, stack: stack.move() });
  }

  private constructor(parts: {
    directory: string;
    registry: PrivateRegistry;
    socketPath: string;
    stack: AsyncDisposableStack;
  }) {
    this.#stack = parts.stack;
    this.directory = parts.directory;
    this.registry = parts.registry;
    this.socketPath = parts.socketPath;
    this.images = dockerImages({ socketPath: parts.socketPath });
    this.#stack.use(this.containers);
    this.#engine = new EngineClient(parts.socketPath);
    this.#stack.defer(() => this.#engine.close());
  }

  get repository(): string {
    return `${this.registry.address}/acme/hello`;
  }

  host(name = "web-1", address = "127.0.0.1"): HostTurn {
    return {
      network: { name: "here", dockerSocket: this.socketPath },
      host: { name, address, server: name },
      turn: { place: "personal/ben/hello", number: ++turn },
    };
  }

  /** A checkout with a Dockerfile and the program; `files` are added or replaced. */
  async checkout(files: Readonly<Record<string, string>> = {}): Promise<string> {
    const directory = await mkdtemp(join(this.directory, "checkout-"));
    const dockerfile = `FROM ${madeBaseImage}\nCOPY app.js /app.js\nCMD ["node", "/app.js"]\n`;
    for (const [path, text] of Object.entries({ Dockerfile: dockerfile, "app.js": app, ...files })) {
      await mkdir(join(directory, path, ".."), { recursive: true });
      await writeFile(join(directory, path), text);
    }
    return directory;
  }

  imageWish(directory: string, change: Partial<ImageWish> = {}): ImageWish {
    return {
      repository: this.repository,
      directory,
      dockerfile: "Dockerfile",
      context: ".",
      args: {},
      commit: { sha: randomBytes(20).toString("hex"), branch: "main", subject: "hello", author: "ben" },
      source: "https://ben:token-of-ben@git.example.com/acme/hello.git",
      registry: this.registry.access,
      ...change,
    };
  }

  async build(files: Readonly<Record<string, string>> = {}): Promise<Image> {
    return this.images.buildAndPush(this.imageWish(await this.checkout(files)), () => {}, within(60_000));
  }

  /** A wish for a container of this image, on a port that is free. */
  async wish(image: Image, rollout: number, run: Partial<RunSpec> = {}): Promise<ContainerWish> {
    const port = run.port ?? (await freePort());
    return {
      identity: { service: "hello", environment: "personal/ben", host: "web-1", release: rollout, rollout },
      image,
      commit: "a".repeat(40),
      secrets: {},
      hostPort: port,
      run: {
        port,
        network: "bridge",
        env: { PORT: String(port), RELEASE: String(rollout) },
        secrets: [],
        volumes: [],
        stop: { signal: "SIGTERM", timeoutMs: 2_000 },
        limits: {},
        ...run,
      },
    };
  }

  look(rollout: ContainerWish, at = this.host()) {
    const { service, environment } = rollout.identity;
    const { port, network } = rollout.run;
    return this.containers.look(
      at,
      { service, environment, repository: this.repository, ports: [port], network },
      within(20_000),
    );
  }

  /** As a person with the docker program would. */
  async byHand(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<string> {
    const { status, text } = await this.#engine.ask({ method, path, body }, within(20_000));
    if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${text}`);
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

export const secret = (value: string): Secret => new Secret(value);
