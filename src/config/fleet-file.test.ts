import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { refusalLines } from "#test/refusal-lines.ts";
import { parseFleetFile } from "./fleet-file.ts";

const git = "https://git.example.com/acme/hello.git";
const fleet = `sources:
  - { git: "${git}", branches: [develop, "remote-run/**"] }
registries:
  registry.example.com: { username: acme, password: { secret: REGISTRY_PASSWORD } }
networks:
  private: { bastion: { host: bastion.example.com, user: deploy, key: { file: keys/deploy } } }
environments:
  integration:
    network: private
    services:
      hello:
        hosts: [{ name: web-1, address: 10.0.1.11 }, { name: web-2, address: 10.0.1.12, server: two }]
        balancers: [{ haproxy: { socket: "tcp://10.0.1.5:9999", backend: hello } }]
notify:
  - { slack: { webhook: { secret: SLACK_WEBHOOK } }, on: [started, failed] }
  - { webhook: { url: https://ops.example.com/x, signing_secret: { secret: OPS } } }
`;
const parse = (text: string) => parseFleetFile(text, "fleet.yaml", { resolvePath: (path) => `/conf/${path}` });

const refusal = (text: string): string[] => refusalLines(() => parse(text));

test("a fleet with every default filled in", () => {
  const login = { user: "deploy", keyFile: "/conf/keys/deploy" };
  assert.deepEqual(parse(fleet), {
    sources: [{ name: "hello", git, pollMs: 30_000, branches: ["develop", "remote-run/**"] }],
    registries: {
      "registry.example.com": { username: "acme", password: { secret: "REGISTRY_PASSWORD" }, insecure: false },
    },
    networks: {
      private: {
        name: "private",
        dockerSocket: "/var/run/docker.sock",
        bastion: { address: "bastion.example.com", port: 22, ...login },
        ssh: { port: 22, ...login },
      },
    },
    environments: {
      integration: {
        name: "integration",
        network: "private",
        drift: "show",
        services: {
          hello: {
            hosts: [
              { name: "web-1", address: "10.0.1.11", server: "web-1" },
              { name: "web-2", address: "10.0.1.12", server: "two" },
            ],
            balancers: [{ kind: "haproxy", name: "haproxy hello", socket: "tcp://10.0.1.5:9999", backend: "hello" }],
            env: {},
          },
        },
      },
    },
    notify: [
      { kind: "slack", webhook: { secret: "SLACK_WEBHOOK" }, on: ["started", "failed"] },
      {
        kind: "webhook",
        url: "https://ops.example.com/x",
        signingSecret: { secret: "OPS" },
        on: ["started", "succeeded", "failed", "put-back", "paused"],
      },
    ],
  });
});

test("an empty fleet is one; nothing at all is not", () => {
  assert.deepEqual(parse("{}"), { sources: [], registries: {}, networks: {}, environments: {}, notify: [] });
  assert.deepEqual(refusal(""), ["1:1: expected keys and values, found an empty file"]);
});

test("a network of its own engine has no way in by SSH; an own ssh part is not made from the bastion", () => {
  const networks = (text: string) => parse(`networks:\n  here: ${text}\n`).networks.here;
  assert.deepEqual(networks("{ docker: /run/x.sock }"), { name: "here", dockerSocket: "/run/x.sock" });
  assert.deepEqual(
    networks("{ bastion: { address: b, user: jump }, ssh: { user: deploy, port: 2222, known_hosts: known } }"),
    {
      name: "here",
      dockerSocket: "/var/run/docker.sock",
      bastion: { address: "b", port: 22, user: "jump" },
      ssh: { port: 2222, user: "deploy", knownHostsFile: "/conf/known" },
    },
  );
});

const hosts = "environments.integration.services.hello.hosts";
const list = (text: string) => fleet.replace(/hosts: .*/, `hosts: [${text}]`);

describe("refuses, with line, column and the nearest word,", () => {
  const cases: readonly [what: string, text: string, ...lines: string[]][] = [
    [
      "a host that is there twice",
      fleet.replace("name: web-2", "name: web-1"),
      `12:56: ${hosts}.1.name: expected every host once, found "web-1" again`,
    ],
    [
      "an address twice",
      fleet.replace("1.12", "1.11"),
      `12:69: ${hosts}.1.address: expected every host's address once, found "10.0.1.11" again`,
    ],
    [
      "a server of the balancer twice",
      fleet.replace("server: two", "server: web-1"),
      `12:89: ${hosts}.1.server: expected every host's server once, found "web-1" again`,
    ],
    ["no hosts", list(""), `12:9: ${hosts}: expected at least 1 in the list, found an empty list`],
    [
      "a missing list of hosts",
      fleet.replace(/ {8}hosts: .*\n/, ""),
      `11:7: ${hosts}: expected this key, which is missing`,
    ],
    [
      "one host with two addresses",
      fleet.replace("notify:", "      other: { hosts: [{ name: web-1, address: 10.0.1.99 }] }\nnotify:"),
      `14:39: ${hosts.replace("hello", "other")}.0.address: expected the address that web-1 has above (10.0.1.11), found "10.0.1.99"`,
    ],
    [
      "an unknown network",
      fleet.replace("network: private", "network: privte"),
      '9:5: environments.integration.network: expected one of the networks (private), found "privte". Did you mean "private"?',
    ],
    [
      "two sources of one name",
      fleet.replace("sources:", "sources:\n  - { git: /srv/hello, branches: [main] }"),
      '3:5: sources.1: expected every source\'s name once, found "hello" again',
    ],
    [
      "an unknown key",
      fleet.replace("haproxy:", "haprxy:"),
      "13:21: environments.integration.services.hello.balancers.0.haproxy: expected this key, which is missing",
      '13:23: environments.integration.services.hello.balancers.0.haprxy: expected one of haproxy, found the unknown key "haprxy". Did you mean "haproxy"?',
    ],
    [
      "an unknown kind of notice",
      fleet.replace("slack:", "slak:"),
      '15:7: notify.0.slak: expected one of slack, on, webhook, found the unknown key "slak". Did you mean "slack"?',
    ],
    [
      "an unknown event",
      fleet.replace("started", "start"),
      '15:59: notify.0.on.0: expected one of started, succeeded, failed, put-back, paused, found "start". Did you mean "started"?',
    ],
    [
      "a webhook that is not signed",
      fleet.replace(", signing_secret: { secret: OPS }", ""),
      "16:7: notify.1.webhook.signing_secret: expected this key, which is missing",
    ],
    [
      "a bastion without an address",
      fleet.replace("host: bastion.example.com, ", ""),
      "6:14: networks.private.bastion: expected address (or host, which is the same), found neither",
    ],
    [
      "a bastion that is an option",
      fleet.replace("bastion.example.com", "-oProxyCommand=id"),
      '6:25: networks.private.bastion.host: expected a host name or an IP address, found "-oProxyCommand=id"',
    ],
    [
      "a poll that would spin",
      fleet.replace("branches", "poll: 1ms, branches"),
      '2:54: sources.0.poll: expected at least 100ms, found "1ms"',
    ],
    [
      "a socket of no known form",
      fleet.replace("tcp://10.0.1.5:9999", "10.0.1.5:9999"),
      '13:34: environments.integration.services.hello.balancers.0.haproxy.socket: expected unix:///path, tcp://address:port or ssh://user@address/path, found "10.0.1.5:9999"',
    ],
    [
      "a port that does not exist",
      fleet.replace("9999", "99999"),
      '13:34: environments.integration.services.hello.balancers.0.haproxy.socket: expected a port from 1 to 65535, found "tcp://10.0.1.5:99999"',
    ],
    [
      "half a login",
      fleet.replace("username: acme, ", ""),
      "4:3: registries.registry.example.com: expected username beside password, found none",
    ],
    [
      "an environment's name with a path in it",
      fleet.replace("  integration:", "  ../x:"),
      '8:3: environments.../x: expected a name of small letters, digits, dots, - and _, at most 63 long, beginning with a letter or digit; or personal/ and a developer\'s name as a key, found "../x"',
    ],
    [
      "a key that would change every object",
      fleet.replace("  integration:", "  __proto__:"),
      '8:3: expected a key of one\'s own, found "__proto__"',
    ],
  ];
  for (const [what, text, ...lines] of cases) test(what, () => assert.deepEqual(refusal(text), lines));
});

test("an environment may be a developer's", () => {
  assert.deepEqual(Object.keys(parse(fleet.replace("  integration:", "  personal/Ben.W:")).environments), [
    "personal/Ben.W",
  ]);
});

test("a secret that somebody wrote into the file is not repeated in the message", () => {
  const plain = "hunter2-hunter2";
  for (const text of [
    fleet.replace("{ secret: REGISTRY_PASSWORD }", plain),
    fleet.replace("REGISTRY_PASSWORD", plain),
    fleet.replace("{ secret: SLACK_WEBHOOK }", `htps://hooks.example.com/${plain}`),
    fleet.replace("{ secret: OPS }", plain),
    fleet.replace(git, `htps://user:${plain}@git.example.com/x`),
  ]) {
    const message = refusal(text).join("\n");
    assert.ok(!message.includes(plain), message);
  }
});
