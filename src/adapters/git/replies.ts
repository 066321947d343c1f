import type { ErrorCode } from "#core/errors.ts";

const shaPattern = /^[0-9a-f]{40}([0-9a-f]{24})?$/;
const prefix = "refs/heads/";

/** `<sha>\trefs/heads/<branch>` a line; whatever else is there is passed over. */
export function readHeads(output: string): ReadonlyMap<string, string> {
  const heads = new Map<string, string>();
  for (const line of output.split("\n")) {
    const [sha = "", ref = ""] = line.split("\t");
    if (shaPattern.test(sha) && ref.startsWith(prefix)) heads.set(ref.slice(prefix.length), sha);
  }
  return heads;
}

export const isSha = (text: string): boolean => shaPattern.test(text);

/** Git gives 128 for everything: its words tell a full disk and a lost commit from the rest. */
export function failureCode(words: string): ErrorCode {
  if (/No space left on device/i.test(words)) return "disk.full";
  if (
    /not our ref|couldn't find remote ref|upload-pack: not our ref|bad object|reference is not a tree|unable to read tree/i.test(
      words,
    )
  )
    return "source.commit-missing";
  return "source.unreachable";
}

/** An address or an answer without the password that it may carry. */
export const withoutPasswords = (text: string): string => text.replaceAll(/(\w+:\/\/)[^/\s]*@/g, "$1");

const subjectLimit = 200;

/** What people are shown of a commit: one line, no control characters. */
export const plainLine = (text: string): string =>
  text
    .replaceAll(/\p{Cc}/gu, " ")
    .trim()
    .slice(0, subjectLimit);
