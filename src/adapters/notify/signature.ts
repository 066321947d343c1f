import { createHmac } from "node:crypto";
import type { Secret } from "#core/secret.ts";

/** As https://www.standardwebhooks.com says; `undefined` where the secret is not `whsec_` and base64. */
export function signedHeaders(secret: Secret, message: { id: string; seconds: number; body: string }) {
  const encoded = secret.reveal().replace(/^whsec_/, "");
  if (!/^[A-Za-z0-9+/]{16,}={0,2}$/.test(encoded)) return undefined;
  const signed = `${message.id}.${message.seconds}.${message.body}`;
  const signature = createHmac("sha256", Buffer.from(encoded, "base64")).update(signed).digest("base64");
  return {
    "webhook-id": message.id,
    "webhook-timestamp": String(message.seconds),
    "webhook-signature": `v1,${signature}`,
  };
}
