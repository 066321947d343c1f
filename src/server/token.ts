import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { tokenFile } from "#contract/state-directory.ts";
import { Secret } from "#core/secret.ts";

const tokenBytes = 24;

/** The token that every change asks for: made at the first start, kept in a file that only its owner may read. */
export async function serverToken(stateDirectory: string): Promise<Secret> {
  const file = tokenFile(stateDirectory);
  const kept = (await readFile(file, "utf8").catch(() => "")).trim();
  if (kept) return new Secret(kept);
  const token = randomBytes(tokenBytes).toString("base64url");
  await writeFile(file, `${token}\n`, { mode: 0o600 });
  return new Secret(token);
}
