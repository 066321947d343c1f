import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const addDeadlineMs = 10_000;

export type SystemUser = { readonly name: string; readonly uid: number; readonly gid: number };

/**
 * A user of its own for work that must not be done as root: the first of `names` that exists, else `names[0]` is
 * made. Undefined when we are not root: the work is done as ourselves.
 */
export async function systemUser(names: readonly [string, ...string[]]): Promise<SystemUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const known = await find(names);
  if (known) return known;
  const options = ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"];
  const refusal = await run("useradd", [...options, names[0]], { timeout: addDeadlineMs }).then(
    () => undefined,
    (error: unknown) => error,
  );
  // Refused also where somebody else has just added it: what counts is that it is there.
  const made = await find(names);
  if (!made) throw new Error(`The user ${names[0]} could not be added to /etc/passwd.`, { cause: refusal });
  return made;
}

async function find(names: readonly string[]): Promise<SystemUser | undefined> {
  const lines = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  for (const name of names) {
    const entry = lines.find((fields) => fields[0] === name);
    if (entry) return { name, uid: Number(entry[2]), gid: Number(entry[3]) };
  }
  return undefined;
}
