import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Lab, labUp } from "../../lab/lab.ts";
import { leftovers, namespacesOf } from "../../lab/leftovers.ts";
import { until } from "../../lab/until.ts";
import { writeSampleContext } from "./sample-image.ts";

const limit = { limitMs: 10_000 };
const image = "registry.lab:5000/sample:1";

describe("a service on the lab's hosts", () => {
  let lab: Lab;
  before(async () => {
    lab = await labUp({ hosts: 2 });
    await buildAndPush(lab);
    for (const { name } of lab.hosts) await pullAndRun(lab, name);
    for (const { name } of lab.hosts) await untilStatus(name, /^UP/);
  });
  after(async () => {
    const namespaces = namespacesOf(lab.prefix);
    await lab.down();
    assert.deepEqual(leftovers(lab.prefix, namespaces), [], "containers and their cgroups go with the lab");
  });

  const status = async (host: string): Promise<string> => {
    const lines = (await lab.haproxy("show stat hello 4 -1")).split("\n").map((line) => line.split(","));
    return lines.find((fields) => fields[1] === host)?.[lines[0]?.indexOf("status") ?? 0] ?? "";
  };
  const untilStatus = (host: string, wanted: RegExp) =>
    until(`${host} to be ${wanted}`, async () => wanted.test(await status(host)) || undefined, limit);
  const ask = async (url = lab.frontUrl) => (await lab.client.exec(["curl", "-s", "--max-time", "3", url])).stdout;
  const containers = async (host: string) =>
    (await lab.host(host).exec(["docker", "ps", "--format", "{{.Names}} {{.Status}}"])).stdout;

  test("the client is served through the balancer", async () => {
    assert.equal(await ask(), "ok\n");
  });

  test("a host that is powered off falls silent; powered on, it serves again by itself", async () => {
    await lab.powerOff("web-1");
    const knock = ["curl", "-s", "--max-time", "1", `http://${lab.hosts[0]?.address}:8080/`];
    assert.equal((await lab.balancer.exec(knock)).exitCode, 28, "no answer at all, not even a refusal");
    await untilStatus("web-1", /^DOWN/);
    assert.equal(await ask(), "ok\n", "the other host serves");
    await lab.powerOn("web-1");
    await untilStatus("web-1", /^UP/);
    assert.match(await containers("web-1"), /^sample Up/);
  });

  test("a host whose cable is pulled lives on unheard until it is plugged in again", async () => {
    await lab.cut("web-2");
    await untilStatus("web-2", /^DOWN/);
    assert.match(await containers("web-2"), /^sample Up/);
    await lab.heal("web-2");
    await untilStatus("web-2", /^UP/);
  });

  test("an engine that dies leaves its containers serving, and finds them again", async () => {
    const started = "{{.State.StartedAt}}";
    const since = async () => (await lab.host("web-1").exec(["docker", "inspect", "-f", started, "sample"])).stdout;
    const before = await since();
    await lab.stopEngine("web-1");
    assert.notEqual((await lab.host("web-1").exec(["docker", "ps"])).exitCode, 0);
    assert.match(await status("web-1"), /^UP/);
    await lab.startEngine("web-1");
    assert.equal(await since(), before);
  });

  test("process 1 of a host buries its dead", async () => {
    await lab.host("web-2").exec(["docker", "rm", "-f", "sample"]);
    const zombies = async () => !/^Z/m.test((await lab.host("web-2").exec(["ps", "ax", "-o", "stat="])).stdout);
    await until("no zombie", async () => (await zombies()) || undefined, limit);
  });

  test("a person on the machine opens the office's page, and a killed server is really gone", async () => {
    const page = "require('node:http').createServer((_, a) => a.end('the page')).listen(7420, '127.0.0.1')";
    const server = lab.office.spawn([process.execPath, "-e", page], { stdio: "ignore" });
    const port = await lab.publish(7420);
    const open = () => fetch(`http://127.0.0.1:${port}/`).then((answer) => answer.text());
    assert.equal(await until("the page", () => open().catch(() => undefined), limit), "the page");
    server.kill("SIGKILL");
    const [, signal] = await once(server, "exit");
    assert.equal(signal, "SIGKILL");
    await assert.rejects(open());
  });
});

async function buildAndPush(lab: Lab): Promise<void> {
  const context = join(lab.sharedDir, "sample");
  writeSampleContext(context);
  await inOffice(lab, ["docker", "build", "-q", "-t", image, context]);
  await inOffice(lab, [...login(lab)], lab.registry.password);
  await inOffice(lab, ["docker", "push", "-q", image]);
}

async function pullAndRun(lab: Lab, host: string): Promise<void> {
  const ssh = ["ssh", "-F", lab.ssh.config, host];
  await inOffice(lab, [...ssh, ...login(lab)], lab.registry.password);
  const asService = ["--init", "--restart", "unless-stopped", "--network", "host", "--name", "sample"];
  await inOffice(lab, [...ssh, "docker", "run", "-d", ...asService, image]);
}

const login = ({ registry }: Lab): string[] => [
  ...["docker", "login", "--username", registry.username, "--password-stdin", registry.address],
];

async function inOffice(lab: Lab, argv: string[], stdin = ""): Promise<void> {
  // The client here has no buildx, and fails rather than fall back.
  const answer = await lab.office.exec(argv, { stdin, env: { DOCKER_BUILDKIT: "0" } });
  assert.equal(answer.exitCode, 0, `${argv.join(" ")}: ${answer.stderr}`);
}
