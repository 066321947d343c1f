import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const addDeadlineMs = 10_000;
const userNames = ["slipway-postgres", "postgres"];

export type DatabaseUser = { readonly uid: number; readonly gid: number };

/**
 * PostgreSQL refuses to run as root, and must not share a user with anything else here: as root a system user of its
 * own is found or made. Undefined when we are not root: it runs as ourselves.
 */
export async function databaseUser(): Promise<DatabaseUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const known = await find();
  if (known) return known;
  const shell = ["--shell", "/usr/sbin/nologin"];
  await run("useradd", ["--system", "--user-group", "--no-create-home", ...shell, "slipway-postgres"], {
    timeout: addDeadlineMs,
  });
  const made = await find();
  if (!made) throw new Error("The user slipway-postgres was added and is not in /etc/passwd.");
  return made;
}

async function find(): Promise<DatabaseUser | undefined> {
  const lines = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  for (const name of userNames) {
    const entry = lines.find((fields) => fields[0] === name);
    if (entry) return { uid: Number(entry[2]), gid: Number(entry[3]) };
  }
  return undefined;
}
