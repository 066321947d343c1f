/**
 * A signed document after DSSE, the "Dead Simple Signing Envelope" v1.0 that in-toto, SLSA and Sigstore use: the
 * signature covers the payload's own bytes and its type, so nobody has to agree on a canonical form of JSON.
 */
export type Envelope = {
  readonly payloadType: string;
  /** The signed bytes, base64. */
  readonly payload: string;
  readonly signatures: readonly {
    /** SHA-256 of the public key's SubjectPublicKeyInfo, hex. A hint only: it proves nothing. */
    readonly keyid: string;
    /** base64 */
    readonly sig: string;
  }[];
};

/** What is signed: `DSSEv1 <length of type> <type> <length of payload> <payload>`, lengths in bytes. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const encoder = new TextEncoder();
  const type = encoder.encode(payloadType);
  const head = encoder.encode(`DSSEv1 ${type.length} ${payloadType} ${payload.length} `);
  const all = new Uint8Array(head.length + payload.length);
  all.set(head);
  all.set(payload, head.length);
  return all;
}
