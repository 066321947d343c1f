import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, chown, mkdir, open, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { canBeEntered } from "#adapters/process/passage.ts";
import { type SystemUser, systemUser } from "#adapters/process/system-user.ts";
import { SlipwayError } from "#core/errors.ts";
import { KeptProcess } from "./kept-process.ts";
import { postgresPrograms } from "./programs.ts";
import { isServed } from "./server-lock.ts";

const run = promisify(execFile);

const startDeadlineMs = 30_000;
const stopDeadlineMs = 20_000;
const lookAgainMs = 25;
const againMs = 200;
const databaseName = "slipway";

export type EmbeddedPostgres = {
  readonly url: string;
  /** Whether it was running already: left by a server that was killed. */
  readonly wasRunning: boolean;
  /** Shuts it down and waits for its end. Safe to call twice. */
  stop(): Promise<void>;
};

/**
 * A real PostgreSQL in `directory`, on a loopback port of its own with a password of its own. It outlives a server
 * that is killed; the next start finds it by its pid file and goes on with it. One that ends by itself (the kernel ran
 * out of memory, somebody killed it) is started again at the same address.
 */
export async function startEmbeddedPostgres(directory: string, log: (line: string) => void): Promise<EmbeddedPostgres> {
  const data = join(directory, "data");
  const user = await systemUser(["slipway-postgres", "postgres"]);
  await prepareDirectory(directory, user);
  const password = await passwordIn(directory);
  const making = async (): Promise<Making> => {
    return { programs: await postgresPrograms(directory, user), data, password, directory, user };
  };
  const running = await runningIn(data);
  if (running) await untilItAnswers(urlFor(running.port, password, "postgres"));
  const { port, pid } = running ?? (await startNew(await making()));
  const url = urlFor(port, password);
  const startAgain = async () => (await startUntilItLives(await making(), port)).pid;
  const kept = new KeptProcess(pid, { isAlive, startAgain, stop, log: (line) => log(`embedded PostgreSQL: ${line}`) });
  return {
    url,
    wasRunning: running !== undefined,
    async stop() {
      // One that was found running may be another server's, which has refused us.
      if (running && (await isServed(url).catch(() => false))) return kept.forget();
      await kept.stop();
    },
  };
}

async function startNew(making: Making): Promise<Living> {
  if (!(await isThere(join(making.data, "PG_VERSION")))) await initialise(making);
  const living = await startUntilItLives(making);
  await makeDatabase(urlFor(living.port, making.password, "postgres"));
  return living;
}

const urlFor = (port: number, password: string, name = databaseName): string =>
  `postgresql://slipway:${password}@127.0.0.1:${port}/${name}`;

/** PostgreSQL refuses to run as root, and must share its user with nothing else here. */
const asUser = (user: SystemUser | undefined) => (user ? { uid: user.uid, gid: user.gid } : {});

/** The password's file stays out of this directory: the database's user must not be needed to read it. */
async function prepareDirectory(directory: string, user: SystemUser | undefined): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  if (!user) return;
  await chown(directory, user.uid, user.gid);
  if (await canBeEntered(dirname(directory))) return;
  throw new SlipwayError(
    "input.invalid",
    `The database's own user cannot pass through to ${directory}: a directory on the way is closed to others.`,
    {
      advice: "Name another place with --data, such as /var/lib/slipway, or set DATABASE_URL.",
    },
  );
}

async function passwordIn(directory: string): Promise<string> {
  const file = `${directory}.password`;
  const kept = await readFile(file, "utf8").catch(() => "");
  if (kept) return kept;
  const password = randomBytes(24).toString("hex");
  await writeFile(file, password, { mode: 0o600 });
  return password;
}

/** The postmaster that the pid file names, if that process still is one. */
async function runningIn(data: string): Promise<Living | undefined> {
  const [pidLine, , , portLine] = (await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "")).split("\n");
  const pid = Number(pidLine);
  const port = Number(portLine);
  if (!pid || !port || !isAlive(pid)) return undefined;
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "postgres");
  return command.includes("postgres") ? { pid, port } : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

type Living = { readonly pid: number; readonly port: number };
type Making = { programs: string; data: string; password: string; directory: string; user: SystemUser | undefined };

async function initialise({ programs, data, password, directory, user }: Making): Promise<void> {
  await rm(data, { recursive: true, force: true });
  const passwordFile = join(directory, "first-password");
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user) await chown(passwordFile, user.uid, user.gid);
  const options = ["--username=slipway", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"];
  try {
    await run(join(programs, "bin", "initdb"), [`--pgdata=${data}`, ...options, `--pwfile=${passwordFile}`], {
      ...asUser(user),
      cwd: directory,
      env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
      timeout: startDeadlineMs,
    });
  } finally {
    await rm(passwordFile, { force: true });
  }
}

type Starting = Omit<Making, "password"> & { port: number };

async function startProgram({ programs, data, port, directory, user }: Starting): Promise<number> {
  const log = await open(join(directory, "postgres.log"), "a", 0o600);
  const settings = { port, listen_addresses: "127.0.0.1", unix_socket_directories: "", max_connections: 60 };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(join(programs, "bin", "postgres"), ["-D", data, ...options], {
    ...asUser(user),
    cwd: directory,
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
  });
  const started = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("spawn", () => resolve(child.pid ?? 0));
  });
  child.unref();
  try {
    return await started;
  } finally {
    await log.close();
  }
}

/** After a power failure the sessions of the old one may live for a moment; until they have gone a new one refuses. */
async function startUntilItLives({ password, ...at }: Making, wantedPort?: number): Promise<Living> {
  const giveUpAt = Date.now() + startDeadlineMs;
  for (;;) {
    const port = wantedPort ?? (await freePort());
    const pid = await startProgram({ ...at, port });
    try {
      await untilItAnswers(urlFor(port, password, "postgres"), () => endedWith(at.directory, pid));
      return { port, pid };
    } catch (error) {
      const isHeld = error instanceof Error && /shared memory block|already in use/.test(error.message);
      if (!isHeld || Date.now() > giveUpAt) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, againMs));
  }
}

async function untilItAnswers(
  url: string,
  complaint: () => Promise<string | undefined> = async () => undefined,
): Promise<void> {
  const giveUpAt = Date.now() + startDeadlineMs;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => {
      // The same failure rejects connect() below; without a listener it would end the process.
    });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (cause) {
      const why = await complaint();
      if (why || Date.now() > giveUpAt)
        throw new Error(`The embedded PostgreSQL did not start: ${why ?? String(cause)}`, { cause });
    }
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
  }
}

async function endedWith(directory: string, pid: number): Promise<string | undefined> {
  if (isAlive(pid)) return undefined;
  const log = await readFile(join(directory, "postgres.log"), "utf8").catch(() => "");
  return log.trim().split("\n").slice(-5).join("\n") || "it ended at once";
}

async function makeDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [databaseName]);
    if (rowCount === 0) await client.query(`create database ${databaseName}`);
  } finally {
    await client.end();
  }
}

/** SIGINT is PostgreSQL's fast shutdown: sessions are ended, nothing is lost. */
async function stop(pid: number): Promise<void> {
  if (!isAlive(pid)) return;
  process.kill(pid, "SIGINT");
  const giveUpAt = Date.now() + stopDeadlineMs;
  while (isAlive(pid) && Date.now() < giveUpAt) await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
}

const isThere = (file: string): Promise<boolean> =>
  readFile(file).then(
    () => true,
    () => false,
  );

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
