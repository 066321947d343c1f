import assert from "node:assert/strict";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { SlipwayError } from "#core/errors.ts";
import { Secret } from "#core/secret.ts";
import { madeBaseImage } from "../../../demo/base-image.ts";
import { freePort } from "../../../scripts/setup/free-port.ts";
import { DockerBench, within } from "./bench.ts";

let bench: DockerBench;
before(async () => {
  bench = await DockerBench.open();
});
after(() => bench[Symbol.asyncDispose]());

const failure = (code: string, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof SlipwayError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, words);
  assert.doesNotMatch(JSON.stringify(error.toRecord()), /registry-password|token-of-ben|wrong-password/);
  return true;
};

const labelsOf = async (reference: string): Promise<Record<string, string>> =>
  JSON.parse(await bench.byHand("GET", `/images/${reference}/json`)).Config.Labels;

describe("the image of a commit", () => {
  test("is built, labelled, tagged and pushed, and found again by its commit", async () => {
    const output: string[] = [];
    const wish = bench.imageWish(await bench.checkout());
    const want = { repository: bench.repository, sha: wish.commit.sha, registry: wish.registry };
    assert.equal(await bench.images.find(want, within(10_000)), undefined);
    const image = await bench.images.buildAndPush(wish, (text) => output.push(text), within(60_000));
    assert.deepEqual(await bench.images.find(want, within(10_000)), image);
    assert.match(output.join(""), /classic builder|BuildKit/);
    assert.match(output.join(""), /COPY app\.js/);
    const labels = await labelsOf(`${image.repository}@${image.digest}`);
    assert.equal(labels["org.opencontainers.image.revision"], wish.commit.sha);
    assert.equal(labels["org.opencontainers.image.source"], "https://git.example.com/acme/hello.git");
    assert.ok(Date.parse(labels["org.opencontainers.image.created"] ?? "") > 0);
  });

  test("is not taken from a tag whose image says that it is of another commit", async () => {
    const wish = bench.imageWish(await bench.checkout());
    await bench.images.buildAndPush(wish, () => {}, within(60_000));
    const sha = wish.commit.sha.slice(0, 12) + "0".repeat(28);
    assert.equal(await bench.images.find({ ...wish, sha }, within(10_000)), undefined);
  });

  test("takes a branch of any name as its tag", async () => {
    const branch = "remote-run/ben/$(touch x);'\"`é ../../v2";
    const wish = bench.imageWish(await bench.checkout());
    const image = await bench.images.buildAndPush(
      { ...wish, commit: { ...wish.commit, branch } },
      () => {},
      within(60_000),
    );
    const tag = "remote-run-ben---touch-x-------..-..-v2";
    const labels = await labelsOf(`${bench.repository}:${tag}`);
    assert.equal(labels["org.opencontainers.image.revision"], wish.commit.sha);
    assert.match(image.digest, /^sha256:[0-9a-f]{64}$/);
  });

  test("gets its build arguments, and always the commit", async () => {
    const dockerfile = `FROM ${madeBaseImage}\nARG GREETING\nARG SLIPWAY_COMMIT\nLABEL said="\${GREETING} \${SLIPWAY_COMMIT}"\n`;
    const wish = bench.imageWish(await bench.checkout({ Dockerfile: dockerfile }), {
      args: { GREETING: "a 'b' $(c)" },
    });
    const image = await bench.images.buildAndPush(wish, () => {}, within(60_000));
    const { said } = await labelsOf(`${image.repository}@${image.digest}`);
    assert.equal(said, `a 'b' $(c) ${wish.commit.sha}`);
  });

  test("leaves out what .dockerignore names, also with a Dockerfile outside the context", async () => {
    const list = `["node", "-e", "console.log(require('node:fs').readdirSync('/x', { recursive: true }).sort().join(' '))"]`;
    const directory = await bench.checkout({
      "build/Dockerfile": `FROM ${madeBaseImage}\nCOPY . /x\nRUN ${list}\n`,
      "src/.dockerignore": "*\n!keep\nkeep/**/*.log\n",
      "src/secret.txt": "no",
      "src/keep/a": "yes",
      "src/keep/deep/b.log": "no",
    });
    const output: string[] = [];
    const wish = bench.imageWish(directory, { dockerfile: "build/Dockerfile", context: "src" });
    await bench.images.buildAndPush(wish, (text) => output.push(text), within(60_000));
    assert.match(output.join(""), /(^|[\d.]+ )keep keep\/a keep\/deep$/m);
  });

  test("holds nothing from outside the commit, whatever its links say", async () => {
    const outside = join(bench.directory, "outside.txt");
    await writeFile(outside, "outside-the-checkout");
    const directory = await bench.checkout({ Dockerfile: `FROM ${madeBaseImage}\nCOPY link /link\n` });
    await symlink(outside, join(directory, "link"));
    const build = bench.images.buildAndPush(bench.imageWish(directory), () => {}, within(60_000));
    await assert.rejects(build, failure("image.build-failed", /link|not found|no such file/i));
    for (const change of [{ dockerfile: "../outside.txt" }, { context: ".." }, { dockerfile: "link" }]) {
      const leading = bench.images.buildAndPush(bench.imageWish(directory, change), () => {}, within(60_000));
      await assert.rejects(leading, failure("image.build-failed", /leads out of the commit/));
    }
  });

  test("whose build fails says so with its last lines", async () => {
    const dockerfile = `FROM ${madeBaseImage}\nRUN ["node", "-e", "console.log('the reason'); process.exit(3)"]\n`;
    const wish = bench.imageWish(await bench.checkout({ Dockerfile: dockerfile }));
    await assert.rejects(
      bench.images.buildAndPush(wish, () => {}, within(60_000)),
      (error) => {
        assert.ok(error instanceof SlipwayError);
        assert.match(error.details.lastLines ?? "", /the reason/);
        return failure("image.build-failed", /code:? 3/)(error);
      },
    );
  });

  test("whose build is cancelled ends at once, with the reason that was given", async () => {
    const dockerfile = `FROM ${madeBaseImage}\nRUN ["node", "-e", "setTimeout(() => {}, 60000)"]\n`;
    const wish = bench.imageWish(await bench.checkout({ Dockerfile: dockerfile }));
    const cancel = new AbortController();
    const why = new Error("a person cancelled it");
    const onOutput = (text: string) => void (text.includes("RUN") && setTimeout(() => cancel.abort(why), 300));
    await assert.rejects(bench.images.buildAndPush(wish, onOutput, cancel.signal), why);
    for (let tries = 0; (await bench.byHand("GET", "/containers/json")) !== "[]\n"; tries++) {
      assert.ok(tries < 50, "the engine goes on with a build that was cancelled");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
});

describe("the registry", () => {
  const wrong = () => ({
    ...bench.registry.access,
    login: { username: "acme", password: new Secret("wrong-password") },
  });

  test("takes the right credentials and refuses the wrong ones", async () => {
    await bench.images.ping(bench.registry.address, bench.registry.access, within(10_000));
    const ping = bench.images.ping(bench.registry.address, wrong(), within(10_000));
    await assert.rejects(ping, failure("registry.refused", /401/));
    const none = bench.images.ping(bench.registry.address, { spec: { insecure: false } }, within(10_000));
    await assert.rejects(none, failure("registry.refused", /401/));
  });

  test("that refuses a push or a search is named with its own words", async () => {
    const wish = bench.imageWish(await bench.checkout(), { registry: wrong() });
    await assert.rejects(
      bench.images.buildAndPush(wish, () => {}, within(60_000)),
      failure("registry.refused", /push .*unauthorized/),
    );
    const find = bench.images.find({ ...wish, sha: wish.commit.sha }, within(10_000));
    await assert.rejects(find, failure("registry.refused", /401/));
  });

  test("that is not there is unreachable, for a push and for a search", async () => {
    const repository = `127.0.0.1:${await freePort()}/acme/hello`;
    const wish = bench.imageWish(await bench.checkout(), { repository });
    await assert.rejects(
      bench.images.buildAndPush(wish, () => {}, within(60_000)),
      failure("registry.unreachable", /refused/),
    );
    const find = bench.images.find({ ...wish, sha: wish.commit.sha }, within(10_000));
    await assert.rejects(find, failure("registry.unreachable", /ECONNREFUSED/));
  });
});

describe("the engine that builds", () => {
  test("tells its version", async () => {
    const { apiVersion } = await bench.images.engine(within(10_000));
    assert.match(apiVersion, /^1\.\d+$/);
  });
});
