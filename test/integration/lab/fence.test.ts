import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { fenceCommand } from "#adapters/docker/fence.ts";
import { remoteCommand } from "#adapters/ssh/commands.ts";
import { type Lab, labUp } from "../../lab/lab.ts";
import { until } from "../../lab/until.ts";

const answerTimeoutMs = 15_000;
const request = (path: string) => `GET ${path} HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n`;
/** The plainest change that an engine can show. */
const create = (name: string) => {
  const body = JSON.stringify({ Name: name });
  const head =
    "POST /volumes/create HTTP/1.1\r\nHost: docker\r\nConnection: close\r\nContent-Type: application/json\r\n";
  return `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
};

/** A host refuses what an older turn still wants, whoever sends it and however late it arrives. */
describe("the fence of a host behind the bastion", () => {
  let lab: Lab;
  before(async () => {
    lab = await labUp({ hosts: 1 });
  });
  after(() => lab?.down());

  const open = (number: number, place = "integration/hello"): ChildProcess => {
    const command = fenceCommand({
      network: { name: "lab", dockerSocket: "/var/run/docker.sock", ssh: { port: 22 } },
      host: { name: "web-1", address: "web-1", server: "web-1" },
      turn: { place, number },
    });
    const [program, ...args] = ["ssh", ...remoteCommand(lab.ssh.config, { address: "web-1" }, command)];
    return lab.office.spawn([program ?? "", ...args], { stdio: ["pipe", "pipe", "inherit"] });
  };
  const answerOf = async (stream: ChildProcess): Promise<string> => {
    let text = "";
    stream.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    await once(stream, "exit", { signal: AbortSignal.timeout(answerTimeoutMs) });
    return text;
  };
  const ask = (number: number, place?: string): Promise<string> => {
    const stream = open(number, place);
    stream.stdin?.on("error", () => "a fence that refuses does not read");
    stream.stdin?.end(request("/_ping"));
    return answerOf(stream);
  };

  const volumes = async () => (await lab.host("web-1").exec(["docker", "volume", "ls", "--quiet"])).stdout;
  /** The process on the host that has the place, once it is that turn's. */
  const holderOf = (number: number): Promise<string> =>
    until(
      `turn ${number}`,
      async () => {
        const file = `/home/deploy/.local/state/slipway/turn.${encodeURIComponent("integration/hello")}@web-1`;
        const [turn, holder] = (await lab.host("web-1").exec(["cat", file])).stdout.trim().split(" ");
        return turn === String(number) ? holder : undefined;
      },
      { limitMs: answerTimeoutMs },
    );

  test("lets a turn through to the engine, the same turn again, and a later one", async () => {
    for (const number of [10, 10, 11]) assert.match(await ask(number), /^HTTP\/1\.1 200 OK/);
  });

  test("refuses an older turn and says which it has seen; another place is not affected", async () => {
    assert.match(await ask(9), /^HTTP\/1\.1 409 Conflict\r\nSlipway-Fenced: 11\r\n/);
    assert.match(await ask(1, "integration/other"), /^HTTP\/1\.1 200 OK/);
    assert.match(await ask(1, "integration/hello/x"), /^HTTP\/1\.1 200 OK/);
  });

  test("a command of an older turn that was still on its way can act no more once a later one has been there", async () => {
    const stale = open(20);
    const said = answerOf(stale);
    stale.stdin?.on("error", () => "its stream has ended");
    // The first bytes are through: the stream is open and holds the place.
    const [first, rest] = [create("stale").slice(0, 40), create("stale").slice(40)];
    stale.stdin?.write(first);
    await lab.office.exec(["sleep", "1"]);
    assert.match(await ask(21), /^HTTP\/1\.1 200 OK/);
    stale.stdin?.end(rest);
    assert.equal(await said, "");
    assert.doesNotMatch(await volumes(), /stale/);
  });

  test("a stream that was halted with everything in it does nothing when it goes on", async () => {
    const host = lab.host("web-1");
    const halted = open(30);
    const said = answerOf(halted);
    halted.stdin?.on("error", () => "its stream has ended");
    const holder = await holderOf(30);
    assert.equal((await host.exec(["kill", "-STOP", holder])).exitCode, 0);
    halted.stdin?.end(create("halted"));
    await lab.office.exec(["sleep", "1"]);
    assert.match(await ask(31), /^HTTP\/1\.1 200 OK/);
    await host.exec(["kill", "-CONT", holder]);
    assert.equal(await said, "");
    assert.doesNotMatch(await volumes(), /halted/);
  });

  test("an older turn is refused at once also while a later one is at work", async () => {
    const busy = open(41);
    const said = answerOf(busy);
    await holderOf(41);
    const began = performance.now();
    assert.match(await ask(40), /^HTTP\/1\.1 409 Conflict/);
    assert.ok(performance.now() - began < 5_000);
    busy.stdin?.end(request("/_ping"));
    assert.match(await said, /^HTTP\/1\.1 200 OK/);
  });

  test("the same bytes of the latest turn do reach the engine", async () => {
    const stream = open(50);
    // An engine that sees the end of its stream before it has answered may cancel what was asked.
    stream.stdin?.write(create("fresh"));
    assert.match(await answerOf(stream), /^HTTP\/1\.1 201/);
    assert.match(await volumes(), /fresh/);
  });
});
