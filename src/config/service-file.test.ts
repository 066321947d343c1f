import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { defaultEnvironment } from "#core/service.ts";
import { refusalLines } from "#test/refusal-lines.ts";
import { parseServiceFile } from "./service-file.ts";

const least = `service: hello
build:
  image: { repository: registry.example.com/acme/hello }
run: { port: 8080 }
`;
const withRun = (more: string) => least.replace("8080", `8080, ${more}`);
const parse = (text: string) => parseServiceFile(text, "slipway.yaml");

const refusal = (text: string): string[] => refusalLines(() => parse(text));

test("the shortest file has every default filled in", () => {
  assert.deepEqual(parse(least), {
    service: "hello",
    build: {
      steps: [],
      image: { repository: "registry.example.com/acme/hello", dockerfile: "Dockerfile", context: ".", args: {} },
    },
    run: {
      port: 8080,
      network: "bridge",
      env: {},
      secrets: [],
      volumes: [],
      stop: { signal: "SIGTERM", timeoutMs: 10_000 },
      limits: {},
    },
    branches: [],
    environments: {},
  });
});

test("defaults of health, smoke, step, environment and approval", () => {
  const spec = parse(
    `${withRun("health: { path: /healthz }, smoke: { path: /v }").replace("  image", "  steps: [{ name: a, run: b }]\n  image")}environments: { a: {}, b: { promote: { from: a, approval: {} } } }\n`,
  );
  assert.deepEqual(spec.run.health, {
    path: "/healthz",
    intervalMs: 1_000,
    timeoutMs: 5_000,
    healthyAfter: 3,
    stableMs: 10_000,
    deadlineMs: 300_000,
  });
  assert.deepEqual(spec.run.smoke, { path: "/v", status: 200 });
  assert.deepEqual(spec.build.steps, [{ name: "a", run: "b", timeoutMs: 1_800_000, env: {}, cache: [] }]);
  const { rollout } = defaultEnvironment;
  assert.deepEqual(spec.environments, {
    a: { rollout, verify: [] },
    b: { rollout, verify: [], promote: { from: "a", approval: { timeoutMs: 21_600_000 } } },
  });
});

test("env values are the text that was written, whatever YAML takes them for", () => {
  const { run } = parse(withRun('env: { A: 1.10, B: true, C: "x\\ny", D: 0x10, E: 12345678901234567890, F: "" }'));
  assert.deepEqual(run.env, { A: "1.10", B: "true", C: "x\ny", D: "0x10", E: "12345678901234567890", F: "" });
});

test("branches keep their order and their names, also where YAML sees numbers", () => {
  const rules = "branches: { zeta: { environment: a }, 2.0: { environment: b }, 1: { environment: c } }\n";
  assert.deepEqual(
    parse(least + rules).branches.map(({ pattern }) => pattern),
    ["zeta", "2.0", "1"],
  );
});

test("a branch rule may name any environment where the file names none", () => {
  const { branches } = parse(`${least}branches: { main: { environment: anything } }\n`);
  assert.deepEqual(branches, [{ pattern: "main", environment: "anything" }]);
});

test("line ends of other systems, a byte order mark and anchors are fine", () => {
  assert.equal(parse(`\uFEFF${least.replaceAll("\n", "\r\n")}`).service, "hello");
  const anchors = "environments: { a: &e { verify: [{ name: x, run: y }] }, b: *e }\n";
  assert.equal(parse(least + anchors).environments.b?.verify.length, 1);
});

const name = "a name of small letters, digits, dots, - and _, at most 63 long, beginning with a letter or digit";
const runKeys = "port, network, env, secrets, volumes, command, stop, limits, health, smoke";

describe("refuses, with line, column and the nearest word,", () => {
  const cases: readonly [what: string, text: string, ...lines: string[]][] = [
    [
      "an unknown key",
      withRun("helth: { path: / }"),
      `4:20: run.helth: expected one of ${runKeys}, found the unknown key "helth". Did you mean "health"?`,
    ],
    [
      "an unknown key of a branch rule",
      `${least}branches:\n  main: { enviroment: x }\n`,
      '6:11: branches.main.enviroment: expected one of environment, personal, found the unknown key "enviroment". Did you mean "environment"?',
    ],
    [
      "two kinds of branch rule at once",
      `${least}branches: { "{user}": { environment: x, personal: true } }\n`,
      "5:13: branches.{user}: expected only one of environment, personal",
    ],
    ["a missing service", least.slice(15), "1:1: service: expected this key, which is missing"],
    ["a wrong type", least.replace("8080", '"8080"'), '4:8: run.port: expected a number, found "8080"'],
    ["a port out of range", least.replace("8080", "70000"), "4:8: run.port: expected at most 65535, found 70000"],
    [
      "a wrong word",
      withRun("network: brige"),
      '4:20: run.network: expected one of bridge, host, found "brige". Did you mean "bridge"?',
    ],
    [
      "a wrong unit, and says which there are",
      withRun("health: { path: /, interval: 10 sec }"),
      '4:39: run.health.interval: expected a duration: ms, s, m, h or d, as in 500ms, 10s, 5m, found "10 sec"',
    ],
    [
      "a limit of nothing",
      withRun("health: { path: /, timeout: 0s }"),
      '4:39: run.health.timeout: expected at least 1ms, found "0s"',
    ],
    [
      "a limit that no timer counts to",
      withRun("stop: { timeout: 25d }"),
      '4:28: run.stop.timeout: expected at most 24d, found "25d"',
    ],
    ["an illegal name", least.replace("hello\n", "Hello\n"), `1:1: service: expected ${name}, found "Hello"`],
    [
      "a name that every object has",
      least.replace("hello\n", "constructor\n"),
      '1:1: service: expected another name, found "constructor"',
    ],
    [
      "an unknown environment in a branch rule",
      `${least}branches: { main: { environment: integratoin } }\nenvironments: { integration: {} }\n`,
      '5:21: branches.main.environment: expected one of the environments below (integration), found "integratoin". Did you mean "integration"?',
    ],
    [
      "an unknown environment to promote from",
      `${least}environments: { integration: {}, production: { promote: { from: integraton } } }\n`,
      '5:59: environments.production.promote.from: expected one of the environments below (integration), found "integraton". Did you mean "integration"?',
    ],
    [
      "a promotion from itself",
      `${least}environments: { a: { promote: { from: a } } }\n`,
      '5:33: environments.a.promote.from: expected one of the environments below (there is none), found "a"',
    ],
    [
      "approvers by role",
      `${least}environments: { a: {}, b: { promote: { from: a, approval: { by: [x] } } } }\n`,
      "5:61: environments.b.promote.approval.by: approvers by role are not available yet: whoever has the server's token approves. Remove this key",
    ],
    [
      "a personal branch without a developer",
      `${least}branches: { main: { personal: true } }\n`,
      "5:13: branches.main: expected {user} in the pattern of a personal branch, found none",
    ],
    [
      "{user} within a word",
      `${least}branches: { "x-{user}": { personal: true } }\n`,
      '5:13: branches.x-{user}: expected {user} between slashes as a key, found "x-{user}"',
    ],
    [
      "another strategy",
      `${least}environments: { a: { rollout: { strategy: recreate } } }\n`,
      '5:33: environments.a.rollout.strategy: expected one of rolling, canary, blue-green, all-at-once, found "recreate"',
    ],
    [
      "a share of more than all",
      `${least}environments: { a: { rollout: { batch: 120% } } }\n`,
      '5:33: environments.a.rollout.batch: expected a number of hosts or a percentage, as in 2 or 25%, found "120%"',
    ],
    [
      "a repository with a tag",
      least.replace("acme/hello", "acme/hello:v1"),
      '3:12: build.image.repository: expected a repository without a tag, as in registry.example.com/acme/hello, found "registry.example.com/acme/hello:v1"',
    ],
    [
      "a volume that is not absolute, or has another mode",
      withRun('volumes: [".:/x", "/a:/b:rw", "/a:/b:ro"]'),
      '4:30: run.volumes.0: expected /path/on/host:/path/in/container, with :ro for read-only, found ".:/x"',
      '4:38: run.volumes.1: expected /path/on/host:/path/in/container, with :ro for read-only, found "/a:/b:rw"',
    ],
    [
      "a NUL",
      withRun('env: { A: "x\\0y" }'),
      '4:27: run.env.A: expected text without NUL characters, found "x\\u0000y"',
    ],
    [
      "a size without a unit",
      withRun("limits: { memory: 512 }"),
      "4:30: run.limits.memory: expected a size: k, m or g, as in 512m, found 512",
    ],
    [
      "a secret that env has too",
      withRun("env: { A: x }, secrets: [A]"),
      "4:45: run.secrets.0: expected A in env or in secrets, found it in both",
    ],
    [
      "a way out of the repository",
      least.replace("hello }", "hello, dockerfile: ../Dockerfile }"),
      '3:57: build.image.dockerfile: expected a path inside the repository, found "../Dockerfile"',
    ],
    ["a key that is there twice", `${least}service: other\n`, '5:1: expected every key once, found "service" again'],
    [
      "a key twice, as number and as text",
      `${least}branches: { 1: {}, "1": {} }\n`,
      '5:20: expected every key once, found "1" again',
    ],
    [
      "a key that would change every object",
      `${least}branches: { __proto__: { environment: x } }\n`,
      '5:13: expected a key of one\'s own, found "__proto__"',
    ],
    ["a key that is a list", `${least}? [a]\n: b\n`, "1:1: expected text as a key"],
    ["a list", "- a\n", "1:1: expected keys and values, found a list"],
    ["an empty file", "# nothing\n", "1:1: expected keys and values, found an empty file"],
    ["tabs", "service: x\nbuild:\n\timage: y\n", "3:1: expected spaces as indentation, found a tab"],
    ["a second document", `${least}---\n${least}`, "5:1: expected one document, found a second one after ---"],
    ["tags", least.replace("hello\n", "!!js/function hello\n"), "1:10: expected plain values, found a tag (!)"],
    ["an alias of nothing", "service: *x\n", "1:10: expected an anchor &x before this *x"],
    [
      "what is not YAML",
      "service: [a, b\nrun: : :\n",
      "2:1: expected YAML, found: Flow sequence in block collection must be sufficiently indented and end with a ]",
    ],
    [
      "control characters, printed as harmless",
      `${least}"\\e[31m\\u202ex": 1\n`,
      '5:1: "\\u001b[31m\\u202ex": expected one of service, build, run, branches, environments, found the unknown key "\\u001b[31m\\u202ex"',
    ],
  ];
  for (const [what, text, ...lines] of cases) test(what, () => assert.deepEqual(refusal(text), lines));
});
