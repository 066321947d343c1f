import assert from "node:assert/strict";
import type { Balancer, BalancerAt, ServerSight } from "./balancer.ts";

/** A backend that checks its servers, with a program behind each of them. All are in service at the start. */
export type BalancerBench = {
  readonly balancer: Balancer;
  readonly at: BalancerAt;
  /** At least two. */
  readonly servers: readonly string[];
  /** One request through the balancer: its status, or 0. */
  request(): Promise<number>;
  /** A client that keeps its connection to the balancer open from one request to the next. */
  keptClient(): { request(): Promise<number>; close(): void };
  /** Sends requests all the time until the function that it gives is called; that one gives what came of them. */
  traffic(): () => Promise<{ requests: number; failed: number; cut: number }>;
  program(server: string): {
    stop(): Promise<void>;
    start(): Promise<void>;
    setHealthy(isHealthy: boolean): void;
    /** Requests that come from now on are not answered until `release`. */
    hold(): { held(): number; release(): void };
    served(): number;
  };
  /** As a person at the balancer's own controls would: takes the server out of service. */
  switchOff(server: string): Promise<void>;
  /** Starts it anew, so that it forgets every drain; at another second than it was started at before. */
  restart(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export const within = (ms: number): AbortSignal => AbortSignal.timeout(ms);

export function first(bench: BalancerBench) {
  const server = bench.servers[0] ?? assert.fail("a bench without servers");
  return { server, program: bench.program(server) };
}

export async function sight(bench: BalancerBench, server: string): Promise<ServerSight> {
  const seen = await bench.balancer.look(bench.at, within(5_000));
  return seen.find((each) => each.server === server) ?? assert.fail(`${server} is not to be seen`);
}

export const pickState = ({ state, checkOk }: { state: string; checkOk?: boolean }) => ({ state, checkOk });

/** Holds exactly one request at the first server. */
export async function holdOne(bench: BalancerBench) {
  const { server, program } = first(bench);
  const hold = program.hold();
  const requests: Promise<number>[] = [];
  // Every second one or so lands on another server and is answered.
  while (hold.held() === 0) {
    requests.push(bench.request());
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { server, program: hold, requests };
}

export async function until(isTrue: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 5_000;
  while (!isTrue()) {
    if (performance.now() > end) assert.fail(`not within 5 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
