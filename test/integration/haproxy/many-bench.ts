import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#adapters/clock/system-clock.ts";
import { haproxyBalancer } from "#adapters/haproxy/haproxy-balancer.ts";
import type { BalancerSpec } from "#core/fleet.ts";
import type { BalancerAt } from "#ports/balancer.ts";
import { DirectReach } from "#test/fakes/direct-reach.ts";
import { traffic } from "./clients.ts";
import { freePort, HaproxyProcess } from "./haproxy-process.ts";
import type { Program } from "./program.ts";

export type Server = { readonly name: string; readonly program: Program; readonly words?: string };
type Layout = { readonly processes: number; readonly backends: readonly string[]; readonly servers: readonly Server[] };

/** Several HAProxy processes, each with the same backends, in front of the same programs. */
export class ManyBench {
  readonly balancer = haproxyBalancer({ reach: new DirectReach(), clock: systemClock() });
  /** Each backend of each process: what a group's `balancers` lists. */
  readonly places: readonly BalancerAt[];
  readonly urls: readonly string[];
  readonly #directory: string;
  readonly #processes: readonly HaproxyProcess[];
  readonly #layout: Layout;

  static async open(layout: Layout): Promise<ManyBench> {
    const directory = await mkdtemp(join(tmpdir(), "slipway-haproxies-"));
    const processes = Array.from(
      { length: layout.processes },
      (_, at) => new HaproxyProcess(directory, `lb-${at + 1}`),
    );
    const ports = await Promise.all(processes.map(() => Promise.all(layout.backends.map(freePort))));
    const bench = new ManyBench(directory, processes, { layout, ports });
    for (const [at, process] of processes.entries()) {
      await writeFile(process.configuration, configuration(process.adminSocket, layout, ports[at] ?? []));
      await process.start(() => bench.#isServing(process));
    }
    return bench;
  }

  private constructor(
    directory: string,
    processes: readonly HaproxyProcess[],
    { layout, ports }: { layout: Layout; ports: readonly (readonly number[])[] },
  ) {
    this.#directory = directory;
    this.#processes = processes;
    this.#layout = layout;
    this.urls = ports.flat().map((port) => `http://127.0.0.1:${port}/`);
    this.places = processes.flatMap((process, at) =>
      layout.backends.map((backend) => placeOf(process, `haproxy ${at + 1} ${backend}`, backend)),
    );
  }

  traffic() {
    return traffic(...this.urls);
  }

  /** The same at every backend of every process, side by side. */
  async everywhere(verb: (at: BalancerAt) => Promise<void>): Promise<void> {
    await Promise.all(this.places.map(verb));
  }

  async failed(): Promise<number> {
    const all = this.places.map((at) => this.balancer.counters(at, AbortSignal.timeout(5_000)));
    return (await Promise.all(all)).reduce((sum, { failed, cut }) => sum + failed + cut, 0);
  }

  async states(server: string): Promise<string[]> {
    const all = await Promise.all(this.places.map((at) => this.balancer.look(at, AbortSignal.timeout(5_000))));
    return all.map((seen) => seen.find((each) => each.server === server)?.state ?? "unknown");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.#processes) await process.kill();
    for (const { program } of this.#layout.servers) await program.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #isServing(process: HaproxyProcess): Promise<boolean> {
    try {
      const places = this.#layout.backends.map((backend) => placeOf(process, "starting", backend));
      const seen = await Promise.all(places.map((at) => this.balancer.look(at, AbortSignal.timeout(1_000))));
      return seen
        .flat()
        .every(({ state, checkOk }) => state === "maintenance" || (state === "in-service" && checkOk === true));
    } catch {
      // Not listening yet; the caller's deadline ends it.
      return false;
    }
  }
}

function placeOf(process: HaproxyProcess, name: string, backend: string): BalancerAt {
  const balancer: BalancerSpec = { kind: "haproxy", name, socket: `unix://${process.adminSocket}`, backend };
  return { network: { name: "here", dockerSocket: "/var/run/docker.sock" }, balancer };
}

function configuration(socket: string, { backends, servers }: Layout, ports: readonly number[]): string {
  const parts = backends.flatMap((backend, at) => [
    `frontend public-${backend}`,
    `  bind 127.0.0.1:${ports[at]}`,
    `  default_backend ${backend}`,
    `backend ${backend}`,
    "  option httpchk GET /healthz",
    ...servers.map(
      ({ name, program, words = "" }) =>
        `  server ${name} 127.0.0.1:${program.port} check inter 50 fall 1 rise 2 ${words}`,
    ),
  ]);
  return `${[
    "global",
    `  stats socket ${socket} level admin mode 600`,
    "defaults",
    "  mode http",
    "  timeout connect 1s",
    "  timeout client 10s",
    "  timeout server 10s",
    // Without it a check has the interval for its answer: on a busy machine all servers were seen to go down at once.
    "  timeout check 2s",
    "  retries 0",
    "  no option redispatch",
    ...parts,
  ].join("\n")}\n`;
}
