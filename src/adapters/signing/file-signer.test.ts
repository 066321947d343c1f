import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { signerContract } from "#ports/signer.contract.ts";
import { fileSigner } from "./file-signer.ts";

describe("the signer of a state directory", () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "slipway-signer-"));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  signerContract(() => fileSigner(directory));

  test("makes its key once, and lets nobody else read it", async () => {
    const first = (await fileSigner(directory)).publicKey();
    const again = (await fileSigner(directory)).publicKey();
    assert.deepEqual(again, first);
    assert.equal((await stat(join(directory, "receipt-key"))).mode & 0o777, 0o600);
    assert.equal(await readFile(join(directory, "receipt-key.pub"), "utf8"), first.publicKey);
  });

  test("refuses a key file that is broken or of another kind, and leaves it as it is", async () => {
    const file = join(directory, "receipt-key");
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    for (const text of ["", "no key", privateKey.export({ type: "pkcs8", format: "pem" }).toString()]) {
      await writeFile(file, text);
      await assert.rejects(fileSigner(directory), {
        code: "config.invalid",
        message: /receipts' key in .*receipt-key/,
      });
      assert.equal(await readFile(file, "utf8"), text);
    }
  });
});
