const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refused: nothing listens on that port",
  // Through an SSH forward a port on which nothing listens looks like this.
  ECONNRESET: "closed without an answer",
  EPIPE: "closed without an answer",
  ECONNABORTED: "the answer broke off",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ETIMEDOUT: "the connection timed out",
};

/** Whether what refused is our own end of the way rather than the program at its other end. */
export const isWayGone = (error: unknown): boolean => ["ENOENT", "ECONNREFUSED"].includes(errorCode(error));

/** Why there was no answer, for a person. */
export function noAnswerWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (message === "aborted") return "the answer broke off";
  return words[errorCode(error)] ?? message;
}

const errorCode = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
