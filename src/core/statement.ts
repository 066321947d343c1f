import type { Receipt } from "#core/receipt.ts";

export const statementPayloadType = "application/vnd.in-toto+json";
const statementType = "https://in-toto.io/Statement/v1";
const receiptPredicateType = "https://slipway.example.com/receipt/v2";

/** A receipt said of an image, in the form of an in-toto Statement v1: tools that know that form can read it. */
export type Statement = {
  readonly _type: typeof statementType;
  readonly subject: readonly { readonly name: string; readonly digest: Readonly<Record<string, string>> }[];
  readonly predicateType: typeof receiptPredicateType;
  readonly predicate: Receipt;
};

export function receiptStatement(receipt: Receipt): Statement {
  const [name = "", digest = ""] = receipt.image.split("@");
  const [algorithm = "", hex = ""] = digest.split(":");
  return {
    _type: statementType,
    subject: [{ name, digest: { [algorithm]: hex } }],
    predicateType: receiptPredicateType,
    predicate: receipt,
  };
}
