import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#adapters/clock/system-clock.ts";
import { haproxyBalancer } from "#adapters/haproxy/haproxy-balancer.ts";
import type { BalancerBench } from "#ports/balancer.contract.ts";
import { DirectReach } from "#test/fakes/direct-reach.ts";
import { keptClient, request, traffic } from "./clients.ts";
import { freePort, HaproxyProcess } from "./haproxy-process.ts";
import { Program } from "./program.ts";

/** HAProxy tells its start to the second. */
const nextStartMs = 1_000;

export type Options = {
  readonly check?: string;
  readonly global?: (directory: string) => readonly string[];
  readonly defaults?: readonly string[];
  readonly backend?: readonly string[];
  readonly mode?: "http" | "tcp";
};

/** A real HAProxy in front of real HTTP servers, with everything that hides mistakes (retries, redispatch) off. */
export class HaproxyBench implements BalancerBench {
  readonly balancer = haproxyBalancer({ reach: new DirectReach(), clock: systemClock() });
  readonly servers: readonly string[] = ["web-1", "web-2", "web-3"];
  readonly at;
  readonly url: string;
  readonly adminSocket: string;
  readonly directory: string;
  readonly #programs: ReadonlyMap<string, Program>;
  readonly #haproxy: HaproxyProcess;

  static async open(options: Options = {}): Promise<HaproxyBench> {
    const directory = await mkdtemp(join(tmpdir(), "slipway-haproxy-"));
    const programs = [await Program.open(), await Program.open(), await Program.open()];
    const bench = new HaproxyBench(directory, await freePort(), programs);
    await writeFile(bench.#haproxy.configuration, bench.#configuration(options));
    await bench.startBalancer();
    return bench;
  }

  private constructor(directory: string, port: number, programs: readonly Program[]) {
    this.directory = directory;
    this.url = `http://127.0.0.1:${port}/`;
    this.#haproxy = new HaproxyProcess(directory, "admin");
    this.adminSocket = this.#haproxy.adminSocket;
    this.#programs = new Map(programs.map((program, at) => [`web-${at + 1}`, program]));
    this.at = {
      network: { name: "here", dockerSocket: "/var/run/docker.sock" },
      balancer: { kind: "haproxy", name: "haproxy hello", socket: `unix://${this.adminSocket}`, backend: "hello" },
    } as const;
  }

  /** Resolves when every checked server is in service. */
  startBalancer(): Promise<void> {
    return this.#haproxy.start(() => this.#isServing());
  }

  stopBalancer(): Promise<void> {
    return this.#haproxy.kill();
  }

  async restart(): Promise<void> {
    await this.stopBalancer();
    await new Promise((resolve) => setTimeout(resolve, nextStartMs));
    await this.startBalancer();
  }

  /** Requests that are under way are finished by the process that has them. */
  async reload(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, nextStartMs));
    const pid = async () => /^Pid: (\d+)$/m.exec(await this.runtime("show info"))?.[1];
    const before = await pid();
    await this.#haproxy.reload(async () => (await pid()) !== before);
  }

  program(server: string): Program {
    const program = this.#programs.get(server);
    if (!program) throw new Error(`no program behind ${server}`);
    return program;
  }

  request(path = ""): Promise<number> {
    return request(this.url + path);
  }

  keptClient() {
    return keptClient(this.url);
  }

  traffic() {
    return traffic(this.url);
  }

  async switchOff(server: string): Promise<void> {
    await this.runtime(`set server hello/${server} state maint`);
  }

  runtime(line: string): Promise<string> {
    return this.#haproxy.runtime(line);
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

  #configuration({ check = "check inter 50 fall 1 rise 2", backend = [], mode = "http", ...more }: Options): string {
    const servers = [...this.#programs].map(([name, { port }]) => `  server ${name} 127.0.0.1:${port} ${check}`);
    return `${[
      "global",
      `  stats socket ${this.adminSocket} level admin mode 600 expose-fd listeners`,
      `  stats socket ${join(this.directory, "user.sock")} level user mode 600`,
      ...(more.global?.(this.directory) ?? []),
      "defaults",
      // Else a request that comes on a kept connection just when a reload closes it is lost, drain or no drain.
      "  option idle-close-on-response",
      ...(more.defaults ?? []),
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
