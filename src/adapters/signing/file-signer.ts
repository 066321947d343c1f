import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { chmod, link, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "#core/errors.ts";
import type { Signer } from "#ports/signer.ts";
import { ed25519Signer } from "./ed25519-signer.ts";

export const keyFile = "receipt-key";

/**
 * The key of a state directory, made at the first start: `receipt-key`, which only its owner may read, and
 * `receipt-key.pub` beside it, for everybody. A key file that is there and cannot be used is refused, never replaced:
 * receipts that were signed with it would no longer be checkable.
 */
export async function fileSigner(directory: string): Promise<Signer> {
  const file = join(directory, keyFile);
  const key = (await keptKey(file)) ?? (await makeKey(file));
  // It may have been copied here by hand, from a backup or another machine.
  await chmod(file, 0o600);
  const signer = ed25519Signer(key);
  await writeFile(`${file}.pub`, signer.publicKey().publicKey, { mode: 0o644 });
  return signer;
}

async function keptKey(file: string): Promise<KeyObject | undefined> {
  const pem = await readFile(file).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
  if (pem === undefined) return undefined;
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === "ed25519") return key;
    throw new TypeError(`it is a key of the kind ${key.asymmetricKeyType}`);
  } catch (cause) {
    const seen = cause instanceof Error ? cause.message : String(cause);
    throw new SlipwayError("config.invalid", `Could not read the receipts' key in ${file}: ${seen}.`, {
      advice:
        "Expected an Ed25519 private key in PEM. Put it back from a backup, or move the file away: a new one is made.",
      cause,
    });
  }
}

/** Written whole under another name first: a start that is killed here leaves no half key. */
async function makeKey(file: string): Promise<KeyObject> {
  const { privateKey } = generateKeyPairSync("ed25519");
  const draft = `${file}.new`;
  await rm(draft, { force: true });
  await writeFile(draft, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600, flag: "wx", flush: true });
  await link(draft, file);
  await rm(draft);
  return privateKey;
}
