import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { fenceCommand } from "#adapters/docker/fence.ts";
import { remoteCommand } from "#adapters/ssh/commands.ts";
import { type Lab, labUp } from "../../lab/lab.ts";

const answerTimeoutMs = 15_000;
const request = (path: string) => `GET ${path} HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n`;
const create = (name: string) =>
  `POST /containers/create?name=${name} HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`;

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
    stale.stdin?.write("POST /containers/create?name=stale HTTP/1.1\r\nHost: docker\r\n");
    await lab.office.exec(["sleep", "1"]);
    assert.match(await ask(21), /^HTTP\/1\.1 200 OK/);
    stale.stdin?.end("Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
    assert.equal(await said, "");
    const { stdout } = await lab.host("web-1").exec(["docker", "ps", "--all", "--format", "{{.Names}}"]);
    assert.doesNotMatch(stdout, /stale/);
  });

  test("the same bytes of the latest turn do reach the engine", async () => {
    const stream = open(22);
    stream.stdin?.end(create("fresh"));
    // The engine itself answers: such a container names no image.
    assert.match(await answerOf(stream), /^HTTP\/1\.1 400/);
  });
});
