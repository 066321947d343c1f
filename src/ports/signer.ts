import type { Envelope } from "#core/envelope.ts";

export type PublicKey = {
  readonly algorithm: "Ed25519";
  /** SHA-256 of the SubjectPublicKeyInfo, hex: what an envelope names the key by. */
  readonly keyId: string;
  /** SubjectPublicKeyInfo, PEM. */
  readonly publicKey: string;
};

/** Signs for this server. The private key is made at the first start and never leaves the machine. */
export interface Signer {
  /**
   * Resolves with a DSSE envelope around the text's UTF-8 bytes; the same text gives the same envelope. Safe to call
   * twice; does no IO, so it neither fails nor waits.
   */
  sign(payloadType: string, payload: string): Promise<Envelope>;
  /** The public half, with which anybody can check what was signed. */
  publicKey(): PublicKey;
}
