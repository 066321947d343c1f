import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { SlipwayError } from "#core/errors.ts";
import { fileSecrets } from "./file-secrets.ts";
import { KeptVersions } from "./kept-versions.ts";

async function inDirectory(files: Record<string, string>) {
  const directory = await mkdtemp(join(tmpdir(), "slipway-secrets-"));
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content, { mode: 0o600 });
  return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
}

const refused = (words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof SlipwayError && error.code === "secret.missing", String(error));
  assert.match(error.message, words);
  return true;
};

test("the file comes first, then the environment; one last newline is not part of it", async () => {
  await using place = await inDirectory({ TOKEN: "from the file\n\n", KEY: "line 1\r\nline 2\r\n" });
  const env = { SLIPWAY_SECRET_TOKEN: "from the environment", SLIPWAY_SECRET_OTHER: "kept as it is\n" };
  const secrets = fileSecrets({ directory: place.directory, env });
  assert.equal((await secrets.reveal("TOKEN")).reveal(), "from the file\n");
  assert.equal((await secrets.reveal("KEY")).reveal(), "line 1\r\nline 2");
  assert.equal((await secrets.reveal("OTHER")).reveal(), "kept as it is\n");
});

test("every value that was seen is known, once, also the one from before a change", async () => {
  await using place = await inDirectory({ TOKEN: "first" });
  const secrets = fileSecrets({ directory: place.directory, env: {} });
  assert.deepEqual(secrets.known(), []);
  await secrets.reveal("TOKEN");
  await secrets.reveal("TOKEN");
  await writeFile(join(place.directory, "TOKEN"), "second");
  await secrets.reveal("TOKEN");
  assert.deepEqual(
    secrets.known().map((secret) => secret.reveal()),
    ["first", "second"],
  );
});

test("what could not be kept once, as a file stood in its way, is kept when it is gone", async () => {
  await using place = await inDirectory({ versions: "in the way" });
  const kept = new KeptVersions(join(place.directory, "versions"));
  await assert.rejects(kept.keep("TOKEN", "value"));
  await rm(join(place.directory, "versions"));
  await mkdir(join(place.directory, "versions", "key"), { recursive: true });
  await assert.rejects(kept.keep("TOKEN", "value"));
  await rm(join(place.directory, "versions", "key"), { recursive: true });
  const version = await kept.keep("TOKEN", "value");
  assert.equal(await kept.read("TOKEN", version), "value");
});

test("a secret that is not set names both places", async () => {
  const secrets = fileSecrets({ directory: "/nowhere/secrets", env: {} });
  await assert.rejects(secrets.reveal("TOKEN"), refused(/\/nowhere\/secrets\/TOKEN nor SLIPWAY_SECRET_TOKEN/));
});

test("a file that others may read is refused with the command that mends it", async () => {
  await using place = await inDirectory({ TOKEN: "hunter22" });
  const path = join(place.directory, "TOKEN");
  await chmod(path, 0o640);
  const secrets = fileSecrets({ directory: place.directory, env: { SLIPWAY_SECRET_TOKEN: "other" } });
  await assert.rejects(secrets.reveal("TOKEN"), (error) => {
    assert.ok(error instanceof SlipwayError);
    assert.equal(error.advice, `chmod 600 ${path}`);
    assert.ok(!error.message.includes("hunter22"));
    return refused(/mode 0640/)(error);
  });
});

test("names that are paths, empty files and directories are refused", async () => {
  await using place = await inDirectory({ EMPTY: "\n" });
  await mkdir(join(place.directory, "FOLDER"), { mode: 0o700 });
  const secrets = fileSecrets({ directory: place.directory, env: {} });
  for (const name of ["../etc/passwd", "token", "", "A/B", "A\n"])
    await assert.rejects(secrets.reveal(name), refused(/no name/));
  await assert.rejects(secrets.reveal("EMPTY"), refused(/is empty/));
  await assert.rejects(secrets.reveal("FOLDER"), refused(/could not be read: EISDIR/));
});

test("a value that was kept is found under its version after it was changed; the same value has the same version", async () => {
  await using place = await inDirectory({ TOKEN: "first" });
  const secrets = fileSecrets({ directory: place.directory, env: {} });
  const first = await secrets.keep("TOKEN");
  assert.equal(await secrets.keep("TOKEN"), first);
  await writeFile(join(place.directory, "TOKEN"), "second");
  const second = await secrets.keep("TOKEN");
  assert.notEqual(second, first);
  const again = fileSecrets({ directory: place.directory, env: {} });
  assert.equal((await again.reveal("TOKEN", first)).reveal(), "first");
  assert.equal((await again.reveal("TOKEN", second)).reveal(), "second");
  assert.deepEqual(
    again.known().map((secret) => secret.reveal()),
    ["first", "second"],
  );
  assert.equal(await again.keep("TOKEN"), second, "the key that names versions outlives the server");
});

test("versions are readable by the server alone, and only so many are kept", async () => {
  await using place = await inDirectory({ TOKEN: "0" });
  const secrets = fileSecrets({ directory: place.directory, env: {} });
  const first = await secrets.keep("TOKEN");
  const path = join(place.directory, "versions", "TOKEN", first);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.equal((await stat(join(place.directory, "versions"))).mode & 0o777, 0o700);
  await utimes(path, new Date(0), new Date(0));
  for (let value = 1; value <= 25; value++) {
    await writeFile(join(place.directory, "TOKEN"), String(value));
    await secrets.keep("TOKEN");
  }
  await assert.rejects(secrets.reveal("TOKEN", first), refused(/not kept any more/));
  await assert.rejects(secrets.reveal("TOKEN", "../TOKEN"), refused(/not kept/));
});

test("a server that was started again masks the secrets of now and of then before anything asks for one", async () => {
  await using place = await inDirectory({ TOKEN: "first" });
  await fileSecrets({ directory: place.directory, env: {} }).keep("TOKEN");
  await writeFile(join(place.directory, "TOKEN"), "second");
  await writeFile(join(place.directory, "OPEN"), "readable by others", { mode: 0o644 });
  const again = fileSecrets({ directory: place.directory, env: { SLIPWAY_SECRET_OTHER: "third", PATH: "/bin" } });
  await again.remember();
  assert.deepEqual(
    again
      .known()
      .map((secret) => secret.reveal())
      .sort(),
    ["first", "second", "third"],
  );
  await fileSecrets({ directory: "/nowhere/secrets", env: {} }).remember();
});
