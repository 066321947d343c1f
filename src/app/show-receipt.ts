import type { Envelope } from "#core/envelope.ts";
import { SlipwayError } from "#core/errors.ts";
import type { Receipt } from "#core/receipt.ts";
import { receiptPage } from "#core/receipt-page.ts";
import { receiptPicture } from "#core/receipt-picture.ts";
import type { Statement } from "#core/statement.ts";
import type { Application } from "./application.ts";
import { findRollout } from "./find.ts";

export async function showReceipt({ world }: Application, id: string): Promise<Envelope> {
  const rollout = await findRollout(world, id);
  const envelope = await world.receipts.get(rollout.id);
  if (envelope) return envelope;
  const why = rollout.receipt ? "it ended before receipts were signed" : `it is ${rollout.state}`;
  throw new SlipwayError("not.found", `Rollout ${rollout.number} has no signed receipt: ${why}.`, {
    advice: "A receipt is written when a rollout that ran has ended.",
  });
}

export const receiptFormats = ["html", "svg", "png"] as const;
export type ReceiptFormat = (typeof receiptFormats)[number];

/** The receipt for people, made of the very document that was signed. */
export async function showReceiptFile(
  app: Application,
  id: string,
  format: ReceiptFormat,
): Promise<string | Uint8Array> {
  const envelope = await showReceipt(app, id);
  const receipt = receiptIn(envelope);
  switch (format) {
    case "html":
      return receiptPage({ receipt, keyId: envelope.signatures[0]?.keyid ?? "" });
    case "svg":
      return receiptPicture(receipt, "auto");
    case "png":
      return app.pictures.png(receiptPicture(receipt, "light"));
    default:
      throw new TypeError(format satisfies never);
  }
}

/** What this server signed and kept needs no check of its shape. */
function receiptIn({ payload }: Envelope): Receipt {
  const bytes = Uint8Array.from(atob(payload), (letter) => letter.charCodeAt(0));
  return (JSON.parse(new TextDecoder().decode(bytes)) as Statement).predicate;
}
