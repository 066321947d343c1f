import { createHash, createPublicKey, type KeyObject, sign } from "node:crypto";
import { preAuthEncoding } from "#core/envelope.ts";
import type { PublicKey, Signer } from "#ports/signer.ts";

/** Signs with a private Ed25519 key that is held in memory. */
export function ed25519Signer(privateKey: KeyObject): Signer {
  const key = publicHalf(privateKey);
  return {
    async sign(payloadType, payload) {
      const bytes = Buffer.from(payload, "utf8");
      // Ed25519 hashes by itself: node wants no name of a digest.
      const sig = sign(null, preAuthEncoding(payloadType, bytes), privateKey).toString("base64");
      return { payloadType, payload: bytes.toString("base64"), signatures: [{ keyid: key.keyId, sig }] };
    },
    publicKey: () => key,
  };
}

function publicHalf(privateKey: KeyObject): PublicKey {
  const key = createPublicKey(privateKey);
  const der = key.export({ type: "spki", format: "der" });
  return {
    algorithm: "Ed25519",
    keyId: createHash("sha256").update(der).digest("hex"),
    publicKey: key.export({ type: "spki", format: "pem" }).toString(),
  };
}
