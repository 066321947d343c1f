import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "#adapters/clock/system-clock.ts";
import { DirectReach } from "#test/fakes/direct-reach.ts";
import { haproxyBalancer } from "./haproxy-balancer.ts";

const recorded = readFileSync(new URL("recorded/servers.txt", import.meta.url), "utf8");

/** A runtime socket that gives these answers, the last one for ever. */
async function answering(answers: readonly string[]) {
  const directory = mkdtempSync(join(tmpdir(), "slipway-answers-"));
  const socket = join(directory, "admin.sock");
  let asked = 0;
  const server = createServer((client) => {
    client.on("error", () => client.destroy());
    client.on("data", () => client.end(answers[Math.min(asked++, answers.length - 1)] ?? ""));
  }).listen(socket);
  await once(server, "listening");
  return {
    at: {
      network: { name: "here", dockerSocket: "/var/run/docker.sock" },
      balancer: { kind: "haproxy", name: "haproxy hello", socket: `unix://${socket}`, backend: "hello" },
    } as const,
    asked: () => asked,
    [Symbol.dispose]: () => {
      server.close();
      rmSync(directory, { recursive: true });
    },
  };
}

test("a drained server is not believed of a process that is ending: the one that follows it must say so", async () => {
  const ending = recorded.replace("Stopping: 0", "Stopping: 1");
  using haproxy = await answering([ending, ending, ending, recorded]);
  const balancer = haproxyBalancer({ reach: new DirectReach(), clock: systemClock() });
  const told: (string | undefined)[] = [];
  await balancer.drain(haproxy.at, "web-2", AbortSignal.timeout(10_000), (_, trouble) => told.push(trouble));
  assert.equal(haproxy.asked(), 5, "three of the one, two quiet readings of the other");
  assert.match(told.join("\n"), /haproxy hello is ending .*the process that follows it does not answer yet/);
});
