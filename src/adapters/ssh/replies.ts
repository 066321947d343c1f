import { type ErrorCode, SlipwayError } from "#core/errors.ts";

/** ssh's own failures end with 255; anything else is the far command's exit code. */
export const sshFailed = 255;

/** What ssh's words mean of a machine that is the bastion itself, is reached through it, or without one. */
export function failureOf(
  words: string,
  place: "bastion" | "behind the bastion" | "direct",
): { code: ErrorCode; why: string } {
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED/.test(words))
    return { code: "host.key-changed", why: "its key is not the one that is known" };
  if (/host key is known for|Host key verification failed/.test(words))
    return { code: "host.key-changed", why: "its key is not in known_hosts" };
  const code = place === "bastion" ? "bastion.unreachable" : "host.unreachable";
  if (/Permission denied/.test(words)) return { code, why: "it refused the key (permission denied)" };
  // A shared connection to the bastion keeps its own words to itself: all that is seen is that nothing came.
  if (place === "behind the bastion" && /kex_exchange_identification|UNKNOWN port|stdio forwarding failed/.test(words))
    return { code, why: "the bastion could not connect to it, or does not let connections through to it" };
  return { code, why: lastLine(words) || "ssh gave no reason" };
}

const lastLine = (words: string): string => words.trim().split("\n").at(-1)?.trim() ?? "";

const answers: readonly ErrorCode[] = [
  "host.key-changed",
  "host.unreachable",
  "bastion.unreachable",
  "engine.unreachable",
];

/** What trying again at once would not change. */
export const isWorldsAnswer = (error: unknown): boolean =>
  error instanceof SlipwayError && answers.includes(error.code);
