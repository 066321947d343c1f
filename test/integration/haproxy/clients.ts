import { Agent, get } from "node:http";
import { httpProber } from "#adapters/http/http-prober.ts";

/** One request by a connection of the agent, or by one of its own: its status, or 0. */
export function request(url: string, agent: Agent | false = false, headers: Record<string, string> = {}) {
  const { promise, resolve } = Promise.withResolvers<number>();
  const asked = get(url, { agent, headers }, (response) => {
    response.resume();
    response.on("close", () => resolve(response.complete ? (response.statusCode ?? 0) : 0));
  });
  asked.on("error", () => resolve(0));
  return promise;
}

export function keptClient(url: string): { request(): Promise<number>; close(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return { request: () => request(url, agent), close: () => agent.destroy() };
}

/** Ten probers of different gait for each address, so that many requests are under way at once. */
export function traffic(...urls: readonly string[]) {
  const probes = urls.flatMap((url) =>
    Array.from({ length: 10 }, (_, at) => httpProber().start({ url, everyMs: 15 + at }, () => {})),
  );
  return async () => {
    const totals = await Promise.all(probes.map((probe) => probe.stop()));
    const sum = (key: "requests" | "failed" | "cut") => totals.reduce((all, total) => all + total[key], 0);
    return { requests: sum("requests"), failed: sum("failed"), cut: sum("cut") };
  };
}
