import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as later } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const upLimitMs = 15_000;
const lookAgainMs = 50;

/** In namespaces of its own: with the server everything that came of it ends, as when a machine loses its power. */
const namespaces = ["--mount", "--pid", "--fork", "--kill-child=KILL"];
/** sshd wants a directory of root's in /run, and what runs there keeps its state in /var/lib: nobody else sees either. */
const start =
  'mount -t proc proc /proc && mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /var/lib && mkdir -m 755 /run/sshd && exec "$0" "$@"';

/** A machine with an SSH server on a loopback address. */
export class Machine {
  readonly address: string;
  readonly port: number;
  readonly #directory: string;
  #sshd: ChildProcess | undefined;
  #said = "";

  private constructor(directory: string, address: string, port: number) {
    this.#directory = directory;
    this.address = address;
    this.port = port;
  }

  static async make(
    parent: string,
    { address, userKey, options = [] }: { address: string; userKey: string; options?: readonly string[] },
  ): Promise<Machine> {
    const machine = new Machine(join(parent, `machine-${address}`), address, await freePort(address));
    await run("mkdir", ["-p", machine.#directory]);
    await makeKey(machine.#hostKey);
    const config = [
      `ListenAddress ${address}:${machine.port}`,
      `HostKey ${machine.#hostKey}`,
      `AuthorizedKeysFile ${userKey}.pub`,
      "PidFile none",
      "UsePAM no",
      "StrictModes no",
      "UseDNS no",
      "PermitRootLogin prohibit-password",
      "PasswordAuthentication no",
      "MaxStartups 100",
      ...options,
    ];
    await writeFile(join(machine.#directory, "config"), `${config.join("\n")}\n`);
    await machine.start();
    return machine;
  }

  async start(): Promise<void> {
    const sshd = ["/usr/sbin/sshd", "-D", "-e", "-f", join(this.#directory, "config")];
    this.#sshd = spawn("unshare", [...namespaces, "--", "sh", "-c", start, ...sshd], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#sshd.stderr?.on("data", (text) => {
      this.#said += text;
    });
    const until = Date.now() + upLimitMs;
    while (!(await this.#answers())) {
      if (this.#sshd.exitCode !== null || Date.now() > until) throw new Error(`sshd does not start: ${this.#said}`);
      await later(lookAgainMs);
    }
  }

  async stop(): Promise<void> {
    const sshd = this.#sshd;
    this.#sshd = undefined;
    if (!sshd || sshd.exitCode !== null) return;
    const ended = once(sshd, "exit");
    sshd.kill("SIGKILL");
    await ended;
    const until = Date.now() + upLimitMs;
    while (await this.#answers()) {
      if (Date.now() > until) throw new Error("sshd does not end");
      await later(lookAgainMs);
    }
  }

  /** As a machine that was installed anew. */
  async changeKey(): Promise<void> {
    await this.stop();
    await rm(this.#hostKey);
    await rm(`${this.#hostKey}.pub`);
    await makeKey(this.#hostKey);
    await this.start();
  }

  async knownHostsLine(): Promise<string> {
    const [type, key] = (await readFile(`${this.#hostKey}.pub`, "utf8")).split(" ");
    return `[${this.address}]:${this.port} ${type} ${key}\n`;
  }

  get #hostKey(): string {
    return join(this.#directory, "host-key");
  }

  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, this.address);
      const answer = (yes: boolean) => {
        socket.destroy();
        resolve(yes);
      };
      socket.once("connect", () => answer(true)).once("error", () => answer(false));
    });
  }
}

export const makeKey = (path: string) => run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path]);

export async function freePort(address: string): Promise<number> {
  const server = createServer().listen(0, address);
  await once(server, "listening");
  const at = server.address();
  server.close();
  await once(server, "close");
  if (at === null || typeof at !== "object") throw new Error("no port is free");
  return at.port;
}
