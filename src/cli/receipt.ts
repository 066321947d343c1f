import { writeFile } from "node:fs/promises";
import { receiptIn } from "#contract/receipt-envelope.ts";
import { exitCodes, refused } from "./cli-error.ts";
import { type Context, print } from "./context.ts";
import { renderReceipt } from "./render-receipt.ts";
import { idOf } from "./single-calls.ts";

export type ReceiptOptions = { readonly html?: string; readonly picture?: string };

/** Prints the receipt, and writes it to files where asked; `--json` is the signed document itself. */
export const receipt = async (context: Context, named: string, options: ReceiptOptions): Promise<number> => {
  const id = idOf(named);
  const pictureFormat = options.picture === undefined ? undefined : pictureFormatOf(options.picture);
  const client = await context.client();
  const envelope = await client.call("receipt", { params: { id } });
  const path = `/api/rollouts/${encodeURIComponent(id)}/receipt`;
  if (options.html !== undefined) await save(options.html, await client.file(`${path}.html`));
  if (options.picture !== undefined) await save(options.picture, await client.file(`${path}.${pictureFormat}`));
  print(context, envelope, () => renderReceipt(receiptIn(envelope), context.paint));
  return exitCodes.done;
};

const pictureFormatOf = (file: string): "png" | "svg" => {
  const ending = file.toLowerCase().split(".").at(-1);
  if (ending === "png" || ending === "svg") return ending;
  throw refused(`${JSON.stringify(file)} is no name of a picture.`, "End it in .png, or in .svg.");
};

const save = async (file: string, bytes: Uint8Array): Promise<void> => {
  try {
    await writeFile(file, bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw refused(`Could not write ${file}: ${why}.`, "Name a file in a directory that exists and that you may write.");
  }
};
