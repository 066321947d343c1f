import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { it } from "node:test";
import { preAuthEncoding } from "#core/envelope.ts";
import type { Signer } from "#ports/signer.ts";

/** What every signer promises. */
export function signerContract(signer: () => Promise<Signer>): void {
  const isGood = (publicKey: string, payloadType: string, payload: Buffer, sig: string) =>
    verify(null, preAuthEncoding(payloadType, payload), createPublicKey(publicKey), Buffer.from(sig, "base64"));

  it("signs the type and the very bytes, so that anybody with the public key can check them", async () => {
    const one = await signer();
    const text = JSON.stringify({ said: "héllo\n" });
    const { payloadType, payload, signatures } = await one.sign("text/x", text);
    const { publicKey, keyId } = one.publicKey();
    const [{ sig, keyid }] = signatures as [{ sig: string; keyid: string }];
    const bytes = Buffer.from(payload, "base64");
    assert.deepEqual([bytes.toString("utf8"), keyid, payloadType], [text, keyId, "text/x"]);
    assert.ok(isGood(publicKey, "text/x", bytes, sig));
    assert.ok(!isGood(publicKey, "text/y", bytes, sig), "another type is another document");
    assert.ok(!isGood(publicKey, "text/x", Buffer.from(`${text} `), sig));
  });

  it("gives the same envelope for the same text", async () => {
    const one = await signer();
    assert.deepEqual(await one.sign("text/x", "a"), await one.sign("text/x", "a"));
  });
}
