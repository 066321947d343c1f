import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { receiptIn, signedBytes } from "#contract/receipt-envelope.ts";
import { type EnvelopeShape, envelopeShape, receiptKeyShape, type WholeReceipt } from "#contract/receipt-shapes.ts";
import { stateDirectory } from "#contract/state-directory.ts";
import { CliError, exitCodes, refused } from "./cli-error.ts";
import { type Context, print } from "./context.ts";
import { renderReceipt } from "./render-receipt.ts";

export type VerifyOptions = { readonly key?: string; readonly data?: string };

/** Checks a receipt's signature, offline, and says what that proves and what not. Exits 1 when it is not genuine. */
export const verifyReceipt = async (context: Context, file: string, options: VerifyOptions): Promise<number> => {
  const envelope = envelopeIn(await textOf(file), file);
  const key = await keyOf(options, context);
  const keyId = keyIdOf(key);
  const { covered } = signedBytes(envelope);
  // Whatever the key id in the file says: only the signature counts.
  const isGood = envelope.signatures.some(({ sig }) => verify(null, covered, key, Buffer.from(sig, "base64")));
  if (!isGood) throw notGenuine(file, envelope, keyId);
  const receipt = receiptOf(envelope, file);
  print(context, { genuine: true, keyId, receipt }, () => [
    context.paint(`${file}: the signature is good.`, "green"),
    ...proofLines(receipt, keyId),
    "",
    ...renderReceipt(receipt, context.paint),
  ]);
  return exitCodes.done;
};

const proofLines = ({ rollout, prober, balancers }: WholeReceipt, keyId: string): string[] => [
  "",
  "What this proves",
  `  The Slipway server that holds the key ${keyId} wrote this receipt of rollout ${rollout},`,
  "  and nobody has changed a byte of it since.",
  "What it does not prove",
  "  That the key is your server's: compare it with one you got from the server yourself.",
  ...(prober || balancers
    ? ["  Requests that neither the prober sent nor a balancer counted, such as those that never reached a balancer."]
    : ["  Anything about traffic: none was counted."]),
];

const notGenuine = (file: string, envelope: EnvelopeShape, keyId: string): CliError => {
  const named = envelope.signatures.map(({ keyid }) => keyid).join(", ") || "none";
  const isOther = !envelope.signatures.some(({ keyid }) => keyid === keyId);
  return new CliError(exitCodes.failed, {
    code: "receipt.not-genuine",
    message: isOther
      ? `${file} was not signed with this key: expected ${keyId}, the file names ${named}.`
      : `${file} is not what was signed: its content, or its signature, was changed.`,
    advice: isOther
      ? "Name the public key of the server that wrote it with --key: its GET /api/receipt-key."
      : "Get it again from the server: slipway receipt <rollout> --json.",
  });
};

const envelopeIn = (text: string, file: string): EnvelopeShape => {
  const document = jsonIn(text);
  if (document === undefined) throw refused(`${file} ${brokenWords(text)}.`, getAgain);
  const read = envelopeShape.safeParse(document);
  if (read.success && isBase64(read.data.payload)) return read.data;
  throw refused(
    read.success
      ? `${file} is a signed receipt whose payload was changed or cut: it is no base64.`
      : `${file} is no signed receipt: expected a DSSE envelope with payloadType, payload and signatures.`,
    getAgain,
  );
};

const getAgain = "Get it from the server: `slipway receipt <rollout> --json > receipt.json`.";

const isBase64 = (text: string): boolean => /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0;

/** The page and the picture carry no signature; a document that only begins like one was cut, or is damaged. */
const brokenWords = (text: string): string => {
  if (text.trim() === "") return "is empty";
  if (/^\s*<(!doctype html|html|svg)/i.test(text)) return "is a page or a picture: only the JSON document is signed";
  if (/^\s*\{/.test(text)) return "is not whole: it begins like a signed receipt, and is cut off or damaged";
  return "is no signed receipt: it is not JSON";
};

const receiptOf = (envelope: EnvelopeShape, file: string): WholeReceipt => {
  try {
    return receiptIn(envelope);
  } catch {
    throw refused(
      `${file} is signed, and is no receipt that this command knows: its type is ${envelope.payloadType.slice(0, 100)}.`,
      "Use the command line that came with the server.",
    );
  }
};

/** PEM, or what GET /api/receipt-key answers; by default the key of this machine's own server. */
const keyOf = async ({ key, data }: VerifyOptions, { terminal }: Context): Promise<KeyObject> => {
  const { env, home, isRoot } = terminal;
  const file = key ?? join(stateDirectory({ data, env, home, isRoot }), "receipt-key.pub");
  const text = await textOf(file, key === undefined ? "Name the server's public key with --key FILE." : undefined);
  const document = receiptKeyShape.safeParse(jsonIn(text));
  if (text.includes("PRIVATE KEY"))
    throw refused(`${file} is a private key.`, "It stays on the server: verify with its public half, receipt-key.pub.");
  try {
    const read = createPublicKey(document.success ? document.data.publicKey : text);
    if (read.asymmetricKeyType === "ed25519") return read;
  } catch {
    // Said below, together with keys of another kind.
  }
  if (envelopeShape.safeParse(jsonIn(text)).success)
    throw refused(`${file} is a receipt and no key.`, "Name the server's public key with --key FILE.");
  throw refused(
    `${file} is no Ed25519 public key.`,
    "Expected PEM, or what the server answers to GET /api/receipt-key.",
  );
};

const keyIdOf = (key: KeyObject): string =>
  createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex");

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const textOf = async (file: string, advice = "Name a file that exists and that you may read."): Promise<string> => {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw refused(`Could not read ${file}: ${why}.`, advice);
  }
};
