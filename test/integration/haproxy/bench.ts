import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#adapters/clock/system-clock.ts";
import { haproxyBalancer } from "#adapters/haproxy/haproxy-balancer.ts";
import { httpProber } from "#adapters/http/http-prober.ts";
import type { BalancerBench } from "#ports/balancer.contract.ts";
import { DirectReach } from "#test/fakes/direct-reach.ts";
import { Program } from "./program.ts";

const startDeadlineMs = 5_000;

export type Options = { readonly check?: string; readonly backend?: readonly string[]; readonly mode?: "http" | "tcp" };

/** A real HAProxy in front of real HTTP servers, with everything that hides mistakes (retries, redispatch) off. */
export class HaproxyBench implements BalancerBench {
  readonly balancer = haproxyBalancer({ reach: new DirectReach(), clock: systemClock() });
  readonly servers: readonly string[] = ["web-1", "web-2", "web-3"];
  readonly at;
  readonly url: string;
  readonly adminSocket: string;
  readonly directory: string;
  readonly #programs: ReadonlyMap<string, Program>;
  #haproxy: ChildProcess | undefined;

  static async open(options: Options = {}): Promise<HaproxyBench> {
    const directory = await mkdtemp(join(tmpdir(), "slipway-haproxy-"));
    const programs = [await Program.open(), await Program.open(), await Program.open()];
    const bench = new HaproxyBench(directory, await freePort(), programs);
    await writeFile(join(directory, "haproxy.cfg"), bench.#configuration(options));
    await bench.startBalancer();
    return bench;
  }

  private constructor(directory: string, port: number, programs: readonly Program[]) {
    this.directory = directory;
    this.url = `http://127.0.0.1:${port}/`;
    this.adminSocket = join(directory, "admin.sock");
    this.#programs = new Map(programs.map((program, at) => [`web-${at + 1}`, program]));
    this.at = {
      network: { name: "here", dockerSocket: "/var/run/docker.sock" },
      balancer: { kind: "haproxy", name: "haproxy hello", socket: `unix://${this.adminSocket}`, backend: "hello" },
    } as const;
  }

  /** Resolves when every checked server is in service. */
  async startBalancer(): Promise<void> {
    // -db: in the foreground, one process, so that its pid is the one we end.
    const haproxy = spawn("haproxy", ["-db", "-f", join(this.directory, "haproxy.cfg")], { stdio: "pipe" });
    this.#haproxy = haproxy;
    let said = "";
    haproxy.stderr.on("data", (chunk: Buffer) => {
      said += chunk;
    });
    haproxy.on("error", (error) => {
      said += `haproxy could not be started (apt-get install haproxy): ${error.message}`;
    });
    const end = performance.now() + startDeadlineMs;
    while (!(await this.#isServing())) {
      if (performance.now() > end || haproxy.exitCode !== null) throw new Error(`HAProxy did not start: ${said}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async stopBalancer(): Promise<void> {
    if (this.#haproxy?.exitCode !== null || this.#haproxy.pid === undefined) return;
    const exited = once(this.#haproxy, "exit");
    this.#haproxy.kill("SIGKILL");
    await exited;
  }

  program(server: string): Program {
    const program = this.#programs.get(server);
    if (!program) throw new Error(`no program behind ${server}`);
    return program;
  }

  request(path = ""): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    const asked = get(this.url + path, { agent: false }, (response) => {
      response.resume();
      response.on("close", () => resolve(response.complete ? (response.statusCode ?? 0) : 0));
    });
    asked.on("error", () => resolve(0));
    return promise;
  }

  /** Ten probers of different gait, so that many requests are under way at once. */
  traffic() {
    const probes = Array.from({ length: 10 }, (_, at) =>
      httpProber().start({ url: this.url, everyMs: 15 + at }, () => {}),
    );
    return async () => {
      const totals = await Promise.all(probes.map((probe) => probe.stop()));
      const sum = (key: "requests" | "failed" | "cut") => totals.reduce((all, total) => all + total[key], 0);
      return { requests: sum("requests"), failed: sum("failed"), cut: sum("cut") };
    };
  }

  async switchOff(server: string): Promise<void> {
    await this.runtime(`set server hello/${server} state maint`);
  }

  /** What HAProxy says to a line of a person's own. */
  runtime(line: string): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const socket = connect(this.adminSocket, () => socket.write(`${line}\n`));
    let reply = "";
    socket.on("data", (chunk) => {
      reply += chunk;
    });
    socket.on("end", () => resolve(reply));
    socket.on("error", reject);
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopBalancer();
    for (const program of this.#programs.values()) await program.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  async #isServing(): Promise<boolean> {
    try {
      const seen = await this.balancer.look(this.at, AbortSignal.timeout(1_000));
      return seen.every(
        ({ state, checkOk }) => (state === "in-service" && checkOk !== false) || state === "maintenance",
      );
    } catch {
      // Not listening yet; the caller's deadline ends it.
      return false;
    }
  }

  #configuration({ check = "check inter 50 fall 1 rise 2", backend = [], mode = "http" }: Options): string {
    const servers = [...this.#programs].map(([name, { port }]) => `  server ${name} 127.0.0.1:${port} ${check}`);
    return `${[
      "global",
      `  stats socket ${this.adminSocket} level admin mode 600`,
      `  stats socket ${join(this.directory, "user.sock")} level user mode 600`,
      "defaults",
      `  mode ${mode}`,
      "  timeout connect 1s",
      "  timeout client 10s",
      "  timeout server 10s",
      "  timeout check 1s",
      "  retries 0",
      "  no option redispatch",
      "frontend public",
      `  bind ${new URL(this.url).host}`,
      "  default_backend hello",
      "backend hello",
      "  balance roundrobin",
      ...(check.includes("check") ? ["  option httpchk GET /healthz"] : []),
      ...backend.map((line) => `  ${line}`),
      ...servers,
      "backend help",
      "  server other 127.0.0.1:9",
    ].join("\n")}\n`;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
