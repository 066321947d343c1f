import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Lab, labUp } from "../../lab/lab.ts";
import type { LabNode } from "../../lab/lab-node.ts";
import { until } from "../../lab/until.ts";
import { sshFrom } from "./lab-of.ts";

const refused = /Connection refused/;

describe("who may go where in the lab", () => {
  let lab: Lab;
  let ssh: string[];
  before(async () => {
    lab = await labUp({ hosts: 2 });
    ssh = sshFrom(lab.ssh.config);
  });
  after(() => lab?.down());

  /** Exit code 7 of curl: the connection was refused, not merely slow. */
  const cannotConnect = async (from: LabNode, url: string) =>
    assert.equal((await from.exec(["curl", "-s", "--max-time", "3", url])).exitCode, 7, `${from.name} to ${url}`);

  test("the office logs in to a host through the bastion, as deploy, who may use the engine", async () => {
    const answer = await lab.office.exec([...ssh, "web-2", "hostname; docker version --format '{{.Server.Os}}'"]);
    assert.deepEqual([answer.stdout, answer.exitCode], ["web-2\nlinux\n", 0], answer.stderr);
  });

  test("the desk next to it is refused by the bastion", async () => {
    const answer = await lab.desk.exec([...ssh, "bastion"]);
    assert.match(answer.stderr, refused);
    assert.equal(answer.exitCode, 255);
  });

  test("the client in the public net reaches the front end and nothing else", async () => {
    assert.equal((await lab.client.exec(["curl", "-s", "-o", "/dev/null", lab.frontUrl])).exitCode, 0);
    await cannotConnect(lab.client, `http://${lab.addresses.front}:22/`);
    assert.notEqual((await lab.client.exec([...ssh, "-o", "ProxyJump=none", "web-1"])).exitCode, 0);
  });

  test("hosts do not let the office in directly, even if it takes the bastion for a router", async () => {
    const direct = [...ssh, "-o", "ProxyJump=none", "web-1", "true"];
    assert.match((await lab.office.exec(direct)).stderr, /Network is unreachable/);
    await lab.office.exec(["ip", "route", "add", "10.20.0.0/24", "via", lab.addresses.bastion]);
    try {
      assert.match((await lab.office.exec(direct)).stderr, /timed out/);
    } finally {
      await lab.office.exec(["ip", "route", "del", "10.20.0.0/24"]);
    }
  });

  test("hosts do not let each other in, nor the balancer", async () => {
    for (const from of [lab.host("web-2"), lab.balancer])
      assert.match((await from.exec([...ssh, "-o", "ProxyJump=none", "web-1", "true"])).stderr, refused);
  });

  test("the bastion gives no shell and no terminal", async () => {
    for (const argv of [
      [...ssh, "bastion"],
      [...ssh, "bastion", "id"],
      [...ssh, "-tt", "bastion"],
    ]) {
      const answer = await lab.office.exec(argv);
      assert.notEqual(answer.exitCode, 0);
      assert.ok(["", "This account is currently not available.\n"].includes(answer.stdout), answer.stdout);
    }
  });

  test("the bastion passes on to port 22 of hosts and balancer only", async () => {
    for (const target of [`${lab.hosts[0]?.address}:8080`, `${lab.addresses.registryInPrivate}:5000`]) {
      const answer = await lab.office.exec([...ssh, "-W", target, "bastion"]);
      assert.match(answer.stderr, /administratively prohibited/);
    }
  });

  test("the app port is open to the balancer only", async () => {
    const [host] = lab.hosts;
    const server = lab.host("web-1").spawn(["perl", "-MIO::Socket::INET", "-e", listenOnAppPort], { stdio: "ignore" });
    try {
      const url = `http://${host?.address}:8080/`;
      const isServed = async () => (await lab.balancer.exec(["curl", "-sf", url])).stdout === "ok" || undefined;
      await until("the balancer to reach the app port", isServed, { limitMs: 5_000 });
      for (const from of [lab.bastion, lab.host("web-2"), lab.node("registry")]) await cannotConnect(from, url);
    } finally {
      server.kill("SIGKILL");
    }
  });

  test("a host's engine answers through the bastion on a forwarded unix socket", async () => {
    const ping = ["curl", "-s", "--unix-socket", "/tmp/web-1.sock", "http://engine/_ping"];
    await withForward("/tmp/web-1.sock:/run/docker.sock", "web-1", async () => {
      const answered = async () => (await lab.office.exec(ping)).stdout === "OK" || undefined;
      await until("the engine's answer", answered, { limitMs: 5_000 });
    });
  });

  test("HAProxy's runtime socket answers through the bastion and knows every host", async () => {
    const stat =
      'use IO::Socket::UNIX; $s = IO::Socket::UNIX->new("/tmp/ha.sock") or exit 1; print $s "show stat\n"; print <$s>';
    await withForward("/tmp/ha.sock:/run/haproxy/admin.sock", "balancer", async () => {
      const answer = await until(
        "HAProxy's answer",
        async () => (await lab.office.exec(["perl", "-e", stat])).stdout || undefined,
        { limitMs: 5_000 },
      );
      for (const { name } of lab.hosts) assert.match(answer, new RegExp(`^hello,${name},`, "m"));
    });
  });

  test("the registry serves nobody without its password", async () => {
    const catalogue = `http://${lab.registry.address}/v2/_catalog`;
    const { username, password } = lab.registry;
    for (const from of [lab.office, lab.host("web-1")]) {
      assert.equal((await from.exec(["curl", "-sf", catalogue])).exitCode, 22);
      assert.equal((await from.exec(["curl", "-sf", "-u", `${username}:wrong`, catalogue])).exitCode, 22);
      const answer = await from.exec(["curl", "-sf", "-u", `${username}:${password}`, catalogue]);
      assert.equal(answer.stdout, '{"repositories":[]}\n');
    }
    await cannotConnect(lab.desk, `http://${lab.addresses.registryInOffice}:5000/v2/`);
  });

  async function withForward(forward: string, machine: string, act: () => Promise<void>): Promise<void> {
    const tunnel = lab.office.spawn([...ssh, "-N", "-L", forward, machine], { stdio: "ignore" });
    try {
      await act();
    } finally {
      tunnel.kill();
    }
  }
});

const listenOnAppPort = `
my $server = IO::Socket::INET->new(LocalPort => 8080, Listen => 8, ReuseAddr => 1) or die;
while (my $caller = $server->accept) {
  while (<$caller>) { last if /^\\r?$/ }
  print $caller "HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok";
  close $caller;
}`;
