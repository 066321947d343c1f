import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fakeToken, startFakeApi } from "#test/fakes/api.ts";
import { runCli } from "#test/fakes/cli.ts";
import { fakeBuild, fakeReceipt } from "#test/fakes/use-cases.ts";

const started = async (t: TestContext) => {
  const api = await startFakeApi(t);
  return { ...api, slipway: (...args: string[]) => runCli(args, { SLIPWAY_SERVER: api.url }) };
};

test("without a server the command says how to start one and exits 1", async () => {
  const { exitCode, stderr, stdout } = await runCli(["status", "--json", "--server", "http://127.0.0.1:9"]);
  assert.equal(exitCode, 1);
  assert.match(
    stderr,
    /No Slipway server answers at http:\/\/127\.0\.0\.1:9: start one with `slipway server --fleet fleet\.yaml`/,
  );
  assert.equal(JSON.parse(stdout).error.code, "server.unreachable");
});

test("wrong usage exits 2: unknown command, missing argument, a release that is no number, a wrong address", async (t) => {
  const { slipway } = await started(t);
  const cases: [string[], RegExp][] = [
    [["deplyo"], /Did you mean deploy/],
    [["deploy", "hello"], /missing required argument 'environment'/],
    [["deploy", "hello", "integration", "two"], /whole number above 0; found "two"/],
    [["status", "--server", "nowhere"], /"nowhere" is not an address/],
    [["validate", "--kind", "car"], /Allowed choices are service, fleet/],
    [["cancel", "build/3"], /"build\/3" is no rollout/],
  ];
  for (const [args, said] of cases) {
    const { exitCode, stderr } = await slipway(...args);
    assert.equal(exitCode, 2, args.join(" "));
    assert.match(stderr, said);
  }
});

test("help lists every command, each with examples, and exits 0", async (t) => {
  const { slipway } = await started(t);
  const { exitCode, stdout } = await slipway("--help");
  assert.equal(exitCode, 0);
  for (const name of [
    "server",
    "validate",
    "status",
    "plan",
    "deploy",
    "rollback",
    "pause",
    "steer",
    "correct",
    "logs",
    "bundle",
    "doctor",
  ]) {
    assert.match(stdout, new RegExp(`^  ${name} `, "m"));
  }
  assert.match((await slipway("deploy", "--help")).stdout, /Examples:\n {2}slipway deploy hello integration/);
});

test("status as text and as one JSON document", async (t) => {
  const { slipway, world } = await started(t);
  world.builds.push({ ...fakeBuild(3), commit: { ...fakeBuild(3).commit, subject: "evil\u001b[2J\nsubject" } });
  const { stdout, exitCode } = await slipway("status");
  assert.equal(exitCode, 0);
  assert.match(stdout, /integration \(network private\)\n {2}hello: release 1, 1a2b3c4 Say hello/);
  assert.match(stdout, /build\/3 .* evil subject/);
  assert.ok(!stdout.includes("\u001b"));
  assert.equal(JSON.parse((await slipway("status", "--json")).stdout).builds[0].number, 3);
});

test("plan exits 2 when the rollout would be refused, and gives each reason with its advice", async (t) => {
  const { slipway, world } = await started(t);
  const good = await slipway("plan", "hello", "integration");
  assert.equal(good.exitCode, 0, good.stderr);
  assert.match(good.stdout, /1\. pull the image on web-1\n {3}2\. drain web-1/);
  world.refusals = [{ reason: "no health check", advice: "Add run.health." }];
  const refused = await slipway("plan", "hello", "integration", "3");
  assert.equal(refused.exitCode, 2);
  assert.match(refused.stdout, /- no health check\n +Add run\.health\./);
  const deploy = await slipway("deploy", "hello", "integration");
  assert.equal(deploy.exitCode, 2);
  assert.match(deploy.stderr, /no health check\nAdd run\.health\./);
});

test("deploy shows the plan, and sends what was shown; behind another rollout it is planned later", async (t) => {
  const { slipway, world } = await started(t);
  const { stdout, exitCode } = await slipway("deploy", "hello", "integration", "--detach");
  assert.equal(exitCode, 0);
  assert.match(stdout, /batch 1 +■□ 1 of 2 in service {2}web-1/);
  const sent = () => JSON.stringify(world.asked.findLast(({ name }) => name === "deploy")?.request);
  assert.match(sent(), /"release":2,.*"shown":\{"service":"hello"/);
  world.refusals = [{ reason: "too few hosts", advice: "Wait." }];
  const waiting = await slipway("deploy", "hello", "integration", "--detach");
  assert.match(waiting.stderr, /this one waits for it and is planned then/);
  assert.doesNotMatch(sent(), /"shown"/);
});

test("rollback finds the only place there is; of several it goes to none, and lists them", async (t) => {
  const { slipway, world } = await started(t);
  const only = await slipway("rollback", "--detach");
  assert.equal(only.exitCode, 0, only.stderr);
  assert.match(
    only.stdout,
    /hello in integration: back to release 1.*\n {2}ready: 2 of 2 hosts hold its image, about 4\.0 s/,
  );
  assert.match(JSON.stringify(world.asked.at(-1)), /"rollback".*"environment":"integration"/);
  world.otherPlaces.push({ service: "hello", environment: "production" });
  const several = await slipway("rollback", "--detach");
  assert.equal(several.exitCode, 2);
  assert.match(several.stderr, /2 places could be rolled back; say which\.\n`slipway rollback hello integration` or `/);
  assert.equal(world.asked.filter(({ name }) => name === "rollback").length, 1);
  const ready = await slipway("rollback", "--ready", "hello", "production", "--json");
  assert.equal(ready.exitCode, 0);
  assert.equal(JSON.parse(ready.stdout).ready, true);
});

test("pause and correct", async (t) => {
  const { slipway, world } = await started(t);
  world.addRollout(8);
  assert.match((await slipway("pause", "rollout/8")).stdout, /Rollout 8: .* pauses at its next gate/);
  const all = await slipway("correct", "hello", "integration", "--detach");
  assert.match(all.stdout, /^Correction: hello release 2 to integration\n.*batch 1.*\nCorrection, rollout 2: hello/s);
  await slipway("correct", "hello", "integration", "web-1", "web-2", "--detach", "--by", "ana");
  const asked = world.asked.filter(({ name }) => name === "correct").map(({ request }) => JSON.stringify(request));
  assert.doesNotMatch((asked[0] ?? "").split('"shown":')[0] ?? "", /hosts/);
  assert.match(asked[1] ?? "", /"hosts":\["web-1","web-2"\],"by":"ana","shown":\{/);
});

test("doctor exits 1 when a check failed", async (t) => {
  const { slipway, world } = await started(t);
  assert.equal((await slipway("doctor")).exitCode, 0);
  world.checks = [
    ...world.checks,
    { subject: "web-1: ssh", verdict: "failed", message: "refused", advice: "Start sshd.", ms: 5 },
  ];
  const { exitCode, stdout } = await slipway("doctor");
  assert.equal(exitCode, 1);
  assert.match(stdout, /failed +web-1: ssh +5 ms +refused\n +Start sshd\.\n\n2 checks: 1 ok, 0 warnings, 1 failed/);
});

test("receipt, releases, cancel, approve and poll", async (t) => {
  const { slipway, world } = await started(t);
  world.addRollout(7, { state: "succeeded", receipt: fakeReceipt(7) });
  world.addRollout(8);
  assert.match((await slipway("receipt", "rollout/7")).stdout, /Receipt of rollout 7.*web-2 +released/s);
  assert.match((await slipway("receipt", "8")).stderr, /Rollout 8 has no signed receipt: it is running/);
  assert.equal((await slipway("receipt", "99")).exitCode, 2);
  assert.match((await slipway("releases", "hello")).stdout, /^release 2 +1a2b3c4 +develop +Say hello +build\/2/);
  assert.match(
    (await slipway("cancel", "rollout/8")).stdout,
    /Rollout 8: .* it ends what it does now and puts back what it touched/,
  );
  assert.match((await slipway("approve", "8")).stdout, /Rollout 8: .*approved/);
  assert.match((await slipway("poll", "hello")).stdout, /hello: looked at https:/);
});

test("the token comes from the data directory; without one the answer says where it was looked for", async (t) => {
  const { url, directory } = await startFakeApi(t);
  const data = join(directory, "state");
  const args = ["doctor", "--server", url];
  const without = await runCli([...args, "--data", data], { SLIPWAY_TOKEN: "" });
  assert.equal(without.exitCode, 2);
  assert.match(without.stderr, new RegExp(`Looked for it in ${data}/token`));
  await mkdir(data);
  await writeFile(join(data, "token"), `${fakeToken}\n`);
  assert.equal((await runCli([...args, "--data", data], { SLIPWAY_TOKEN: "" })).exitCode, 0);
  assert.equal((await runCli(args, { SLIPWAY_TOKEN: "", SLIPWAY_TOKEN_FILE: join(data, "token") })).exitCode, 0);
  const named = await runCli([...args, "--token-file", join(data, "nothing")], { SLIPWAY_TOKEN: "" });
  assert.equal(named.exitCode, 2);
  assert.match(named.stderr, /Could not read the token file/);
});

test("validate names the wrong line and exits 2, offline", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "slipway-validate-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const nothing = await runCli(["validate"], {}, directory);
  assert.equal(nothing.exitCode, 2);
  assert.match(nothing.stderr, /no slipway\.yaml and no fleet\.yaml here/);
  await writeFile(join(directory, "slipway.yaml"), "service: hello\nbiuld: {}\n");
  const wrong = await runCli(["validate"], {}, directory);
  assert.equal(wrong.exitCode, 2, wrong.stderr);
  assert.match(wrong.stdout, /slipway\.yaml:2:1/);
  const json = await runCli(["validate", "--json"], {}, directory);
  assert.equal(JSON.parse(json.stdout).ok, false);
  assert.equal((await runCli(["validate", "--kind", "service", "missing.yaml"], {}, directory)).exitCode, 2);
});

test("the bundle of the host that failed is shown; which one is asked where more than one did", async (t) => {
  const { slipway, world } = await started(t);
  const { rollout } = world.addRollout(1, { state: "failed" });
  const failed = { step: "check", phase: "failed", direction: "forward" } as const;
  assert.match((await slipway("bundle", "1")).stderr, /No host failed in rollout 1/);
  world.changeRollout(rollout.id, {}, { ...failed, host: "web-1" });
  world.bundles.set("web-1", "# Failure\n\nit ended \u001b[2J\n");
  assert.equal((await slipway("bundle", "1")).stdout, "# Failure\n\nit ended\n");
  world.changeRollout(rollout.id, {}, { ...failed, host: "web-2" });
  const { exitCode, stderr } = await slipway("bundle", "rollout/1");
  assert.equal(exitCode, 2);
  assert.match(stderr, /web-1 and web-2.*\n.*slipway bundle 1 web-1/);
  assert.equal(JSON.parse((await slipway("bundle", "1", "web-1", "--json")).stdout).host, "web-1");
  assert.match((await slipway("bundle", "1", "web-3")).stderr, /There is no "web-3"/);
});

test("a receipt is taken along, checked offline, and refused once a byte of it was changed", async (t) => {
  const { slipway, world, url } = await started(t);
  world.addRollout(7, { state: "succeeded", receipt: fakeReceipt(7) });
  const directory = await mkdtemp(join(tmpdir(), "slipway-receipt-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const [file, key, page, picture] = ["r.json", "key.json", "r.html", "r.png"].map((name) => join(directory, name)) as [
    string,
    string,
    string,
    string,
  ];
  const taken = await slipway("receipt", "7", "--json", "--html", page, "--picture", picture);
  assert.equal(taken.exitCode, 0, taken.stderr);
  assert.equal(await readFile(page, "utf8"), "html of 7");
  assert.equal(await readFile(picture, "utf8"), "png of 7");
  await writeFile(file, taken.stdout);
  await writeFile(key, await (await fetch(`${url}/api/receipt-key`)).text());

  const offline = { SLIPWAY_SERVER: "http://127.0.0.1:9" };
  const good = await runCli(["receipt", "verify", file, "--key", key], offline);
  assert.equal(good.exitCode, 0, good.stderr);
  assert.match(
    good.stdout,
    /signature is good.*What this proves.*wrote this receipt of rollout 7.*What it does not prove/s,
  );
  const json = await runCli(["receipt", "verify", file, "--key", key, "--json"], offline);
  assert.deepEqual([JSON.parse(json.stdout).genuine, JSON.parse(json.stdout).receipt.rollout], [true, 7]);

  const envelope = JSON.parse(taken.stdout);
  const text = Buffer.from(envelope.payload, "base64").toString().replace('"failed":0', '"failed":1');
  await writeFile(file, JSON.stringify({ ...envelope, payload: Buffer.from(text).toString("base64") }));
  const forged = await runCli(["receipt", "verify", file, "--key", key], offline);
  assert.equal(forged.exitCode, 1);
  assert.match(forged.stderr, /is not what was signed/);

  const refusals: readonly (readonly [what: string, content: string, expected: RegExp])[] = [
    ["cut off", taken.stdout.slice(0, 400), /is not whole.*cut off or damaged/s],
    ["cut in its payload", JSON.stringify({ ...envelope, payload: envelope.payload.slice(0, -3) }), /changed or cut/],
    ["empty", "\n", /is empty/],
    ["the page", "<!doctype html><html>", /is a page or a picture: only the JSON document is signed/],
    ["something else", "hello", /is not JSON/],
    ["other JSON", '{"a":1}', /is no signed receipt: expected a DSSE envelope/],
  ];
  for (const [what, content, expected] of refusals) {
    await writeFile(file, content);
    const refused = await runCli(["receipt", "verify", file, "--key", key], offline);
    assert.equal(refused.exitCode, 2, what);
    assert.match(refused.stderr, expected, what);
  }
  await writeFile(file, taken.stdout);
  const noKey = await runCli(["receipt", "verify", file, "--key", file], offline);
  assert.deepEqual([noKey.exitCode, /is a receipt and no key/.test(noKey.stderr)], [2, true], noKey.stderr);
  for (const turned of [0, 41, 100]) {
    const bytes = Buffer.from(envelope.payload, "base64");
    bytes[turned] = (bytes[turned] ?? 0) ^ 1;
    await writeFile(file, JSON.stringify({ ...envelope, payload: bytes.toString("base64") }));
    const turnedOne = await runCli(["receipt", "verify", file, "--key", key], offline);
    assert.deepEqual(
      [turnedOne.exitCode, /is not what was signed/.test(turnedOne.stderr)],
      [1, true],
      `byte ${turned}`,
    );
  }

  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  await writeFile(file, taken.stdout);
  await writeFile(key, privateKey.export({ type: "pkcs8", format: "pem" }));
  assert.match((await runCli(["receipt", "verify", file, "--key", key], offline)).stderr, /is a private key/);
  await writeFile(key, publicKey.export({ type: "spki", format: "pem" }));
  await writeFile(file, taken.stdout);
  const other = await runCli(["receipt", "verify", file, "--key", key], offline);
  assert.equal(other.exitCode, 1);
  assert.match(other.stderr, /was not signed with this key/);
  assert.equal((await slipway("receipt", "7", "--picture", "x.gif")).exitCode, 2);
  assert.equal((await slipway("receipt", "verify", join(directory, "none"))).exitCode, 2);
});

test("who unlocks a place is named, and everybody can read who locked it and who unlocked it", async (t) => {
  const { slipway, world } = await started(t);
  assert.equal((await slipway("unlock", "hello", "production", "--by", "amy")).exitCode, 0);
  const sent = world.asked.findLast(({ name }) => name === "unlock")?.request;
  assert.match(JSON.stringify(sent), /"by":"amy"/);
  const line = { seq: 1, at: "2026-11-23T12:00:00.000Z", text: "amy unlocked it\u001b[2J\n" };
  world.logs.set("locks/production/hello", { chunks: [line], ended: true });
  const { stdout, stderr, exitCode } = await slipway("logs", "locks/production/hello");
  assert.deepEqual([stdout, stderr, exitCode], ["amy unlocked it\n", "", 0]);
});
