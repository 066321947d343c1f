import { preAuthEncoding } from "#core/envelope.ts";
import { type EnvelopeShape, statementShape, type WholeReceipt } from "./receipt-shapes.ts";

/** The signed bytes of an envelope, and what the signature covers: those bytes and their type. */
export function signedBytes({ payloadType, payload }: EnvelopeShape): { payload: Uint8Array; covered: Uint8Array } {
  const bytes = Uint8Array.from(atob(payload), (letter) => letter.charCodeAt(0));
  return { payload: bytes, covered: preAuthEncoding(payloadType, bytes) };
}

/** The receipt in an envelope, whoever signed it; throws when the payload is no statement of a receipt. */
export const receiptIn = (envelope: EnvelopeShape): WholeReceipt =>
  statementShape.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(signedBytes(envelope).payload)))
    .predicate;
