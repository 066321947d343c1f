import assert from "node:assert/strict";
import { test } from "node:test";
import type { NetworkSpec } from "#core/fleet.ts";
import * as commands from "./commands.ts";

const host = { name: "web-1", address: "10.0.1.11", server: "web-1" };
const network: NetworkSpec = {
  name: "private",
  dockerSocket: "/var/run/docker.sock",
  bastion: { address: "bastion.example.com", port: 2222, user: "jump", keyFile: "/keys/jump" },
  ssh: { user: "deploy", port: 22, keyFile: "/keys/deploy" },
};
const files = { name: "abc123", directory: "/run/slipway", knownHosts: ["/data/known_hosts"] };

test("the configuration never asks, never trusts an unknown key, and gives each end its own login", () => {
  const text = commands.configText(network, files);
  for (const line of ["BatchMode yes", "StrictHostKeyChecking yes", "UpdateHostKeys no", "ForwardAgent no"])
    assert.ok(text.includes(`  ${line}\n`), line);
  const [bastion = "", others = ""] = text.split("Host * !slipway-bastion");
  assert.match(
    bastion,
    /HostName bastion\.example\.com\n {2}Port 2222\n {2}User jump\n {2}IdentityFile "\/keys\/jump"/,
  );
  assert.match(others, /ProxyJump slipway-bastion\n {2}Port 22\n {2}User deploy\n {2}IdentityFile "\/keys\/deploy"/);
});

test("a person's own configuration comes last: ssh takes the first value it meets", () => {
  assert.match(commands.configText(network, files), /\nInclude ~\/\.ssh\/config\n$/);
});

test("two networks never share a connection", () => {
  const paths = ["one", "two"].map(
    (name) => /ControlPath .*/.exec(commands.configText(network, { ...files, name }))?.[0],
  );
  assert.notEqual(paths[0], paths[1]);
});

test("whom to connect to follows from the target and the network", () => {
  const { bastion, ssh, ...local } = network;
  assert.deepEqual(commands.destinationOf(network, { on: host, port: 80 }), { address: "10.0.1.11" });
  assert.deepEqual(commands.destinationOf(network, { address: "10.0.1.5", port: 9 }), { address: "slipway-bastion" });
  assert.deepEqual(commands.destinationOf(network, { user: "ops", address: "10.0.1.5", unix: "/s" }), {
    address: "10.0.1.5",
    user: "ops",
  });
  assert.equal(commands.destinationOf(local, { on: host, port: 80 }), undefined);
  assert.equal(commands.destinationOf(local, { address: "10.0.1.5", port: 9 }), undefined);
});

test("an address is never read as an option, and a command's words reach the far program whole", () => {
  const args = commands.remoteCommand("/c", { address: "-oProxyCommand=touch x" }, ["printf", "it's $(id)", "", "a;b"]);
  assert.ok(args.indexOf("--") < args.indexOf("-oProxyCommand=touch x"));
  assert.equal(args.at(-1), `'printf' 'it'\\''s $(id)' '' 'a;b'`);
});
