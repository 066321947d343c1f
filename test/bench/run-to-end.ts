import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** A program's output once it has ended well; it is killed at its limit. */
export async function runToEnd(
  [file = "", ...args]: readonly string[],
  { limitMs, signal }: { limitMs: number; signal: AbortSignal },
): Promise<string> {
  const { stdout } = await promisify(execFile)(file, args, { timeout: limitMs, killSignal: "SIGKILL", signal });
  return stdout;
}
