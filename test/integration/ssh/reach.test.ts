import assert from "node:assert/strict";
import { access, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { setTimeout as later } from "node:timers/promises";
import { sshReach } from "#adapters/ssh/ssh-reach.ts";
import type { Reach } from "#ports/reach.ts";
import { closedPort, get, hostSpec, openSite, type Site } from "./site.ts";

const signal = () => AbortSignal.timeout(40_000);

describe("reaching machines by SSH", () => {
  let site: Site;
  let reach: Reach;
  let directory = "";
  before(async () => {
    site = await openSite();
  });
  after(() => site[Symbol.asyncDispose]());
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "sr-"));
    reach = sshReach({ directory, knownHostsFile: site.knownHostsFile });
  });
  afterEach(async () => {
    await reach[Symbol.asyncDispose]();
    await site.writeKnownHosts(site.bastion, site.host, site.closed);
    await rm(directory, { recursive: true, force: true });
  });
  const engine = () => ({ on: hostSpec(site.host), unix: site.engineSocket });
  const app = () => ({ on: hostSpec(site.host), port: site.appPort });

  test("directly: the engine's socket and a port of the host answer", async () => {
    assert.equal(await get(await reach.open(site.withoutBastion(), engine(), signal()), "/x"), "engine /x");
    assert.equal(await get(await reach.open(site.withoutBastion(), app(), signal()), "/x"), "app /x");
  });

  test("through the bastion, many at once and again, by one way", async () => {
    const opened = await Promise.all(Array.from({ length: 8 }, () => reach.open(site.network(), engine(), signal())));
    assert.equal(new Set(opened.map((endpoint) => JSON.stringify(endpoint))).size, 1);
    const [endpoint = { host: "", port: 0 }] = opened;
    assert.equal(await get(endpoint, "/_ping"), "engine /_ping");
    assert.deepEqual(await reach.open(site.network(), engine(), signal()), endpoint);
    assert.equal(await get(await reach.open(site.network(), app(), signal()), "/"), "app /");
  });

  test("an address of the network is reached from the bastion, as far as that allows it", async () => {
    const inside = { address: site.host.address, port: site.host.port };
    const endpoint = await reach.open(site.network(), inside, signal());
    assert.ok("socketPath" in endpoint);
    const socket = connect(endpoint.socketPath);
    const [said] = await new Promise<string[]>((resolve) => socket.once("data", (text) => resolve([String(text)])));
    socket.destroy();
    assert.match(said ?? "", /^SSH-2\.0/);
  });

  test("a network without ssh and bastion needs no ssh at all", async () => {
    const network = { name: "here", dockerSocket: site.engineSocket };
    assert.deepEqual(await reach.open(network, engine(), signal()), { socketPath: site.engineSocket });
    assert.deepEqual(await reach.open(network, app(), signal()), { host: site.host.address, port: site.appPort });
    assert.deepEqual(await readdir(directory), []);
  });

  test("a port on which nobody listens is no error of opening: the client sees it", async () => {
    const target = { on: hostSpec(site.host), port: await closedPort() };
    const endpoint = await reach.open(site.network(), target, signal());
    await assert.rejects(get(endpoint, "/"));
  });

  test("an engine that is not there is said to be unreachable", async () => {
    const target = { on: hostSpec(site.host), unix: join(site.directory, "none.sock") };
    await assert.rejects(reach.open(site.network(), target, signal()), {
      code: "engine.unreachable",
      message: /127\.0\.0\.3 did not answer at .*none\.sock/,
    });
  });

  test("a host that forwards no sockets is asked through a session", async () => {
    const network = site.withoutBastion(site.closed);
    const target = { on: hostSpec(site.closed), unix: site.engineSocket };
    const endpoint = await reach.open(network, target, signal());
    assert.equal(await get(endpoint, "/a"), "engine /a");
    assert.ok("socketPath" in endpoint);
    const held = connect(endpoint.socketPath);
    await later(300);
    reach.forget(network, target, endpoint);
    assert.equal(await get(await reach.open(network, target, signal()), "/b"), "engine /b");
    const cut = new Promise((resolve) => held.once("close", resolve));
    await reach[Symbol.asyncDispose]();
    await cut;
  });

  test("forgetting cuts nobody's connection, and what is opened at once after it stays", async () => {
    const first = await reach.open(site.network(), engine(), signal());
    assert.ok("socketPath" in first);
    const held = connect(first.socketPath);
    held.write("GET /held HTTP/1.1\r\nhost: x\r\n");
    await later(200);
    reach.forget(site.network(), engine(), first);
    const second = await reach.open(site.network(), engine(), signal());
    await later(500);
    assert.equal(await get(second, "/second"), "engine /second");
    const answer = new Promise<string>((resolve) => held.once("data", (text) => resolve(String(text))));
    held.write("\r\n");
    assert.match(await answer, /engine \/held/);
    held.destroy();
  });

  test("what one of its users has forgotten and made anew, the others do not forget again", async () => {
    const first = await reach.open(site.network(), engine(), signal());
    reach.forget(site.network(), engine(), first);
    const second = await reach.open(site.network(), engine(), signal());
    assert.notDeepEqual(second, first);
    reach.forget(site.network(), engine(), first);
    assert.deepEqual(await reach.open(site.network(), engine(), signal()), second);
    assert.equal(await get(second, "/again"), "engine /again");
  });

  test("after the host's SSH server was restarted the next use works, also without forgetting", async () => {
    const before = await reach.open(site.network(), engine(), signal());
    await site.host.stop();
    await site.host.start();
    reach.forget(site.network(), engine(), before);
    const after = await reach.open(site.network(), engine(), signal());
    assert.notDeepEqual(after, before);
    assert.equal(await get(after, "/1"), "engine /1");
    await site.bastion.stop();
    await site.bastion.start();
    await later(300);
    assert.equal(await get(await reach.open(site.network(), engine(), signal()), "/2"), "engine /2");
    assert.equal(await get(await reach.open(site.network(), app(), signal()), "/3"), "app /3");
  });

  test("a command's output and exit code come back, and its words are not split", async () => {
    const host = hostSpec(site.host);
    const words = ["$(id)", "a b", "it's", ";", "*", ""];
    const said = await reach.run(site.network(), host, ["printf", "%s|", ...words], signal());
    assert.deepEqual(said, { exitCode: 0, stdout: `${words.join("|")}|`, stderr: "" });
    assert.equal((await reach.run(site.network(), host, ["sh", "-c", "exit 7"], signal())).exitCode, 7);
  });

  test("after closing no connection, no process and no file is left", async () => {
    await reach.open(site.network(), engine(), signal());
    await reach.open(site.network(), app(), signal());
    assert.ok((await ours(directory)).length > 0);
    await reach[Symbol.asyncDispose]();
    const until = Date.now() + 3_000;
    while ((await ours(directory)).length > 0 && Date.now() < until) await later(50);
    assert.deepEqual(await ours(directory), []);
    await assert.rejects(access(directory), { code: "ENOENT" });
  });
});

/** Processes whose command line names the directory: every ssh that was started here does. */
async function ours(directory: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return lines.filter((line) => line.includes(directory));
}
