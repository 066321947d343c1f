import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { join } from "node:path";

const startDeadlineMs = 5_000;

/** One HAProxy with its configuration `<name>.cfg` and its admin socket `<name>.sock` in a directory. */
export class HaproxyProcess {
  readonly configuration: string;
  readonly adminSocket: string;
  #child: ChildProcess | undefined;
  #said = "";
  /** Those that were told to end at a reload, and finish what they have. */
  readonly #former: ChildProcess[] = [];

  constructor(directory: string, name: string) {
    this.configuration = join(directory, `${name}.cfg`);
    this.adminSocket = join(directory, `${name}.sock`);
  }

  /** Resolves as soon as the question has a yes. */
  async start(isServing: () => Promise<boolean>, ...more: readonly string[]): Promise<void> {
    // -db: in the foreground, one process, so that its pid is the one we end.
    const haproxy = spawn("haproxy", ["-db", "-f", this.configuration, ...more], { stdio: "pipe" });
    this.#child = haproxy;
    haproxy.stderr.on("data", (chunk: Buffer) => {
      this.#said += chunk;
    });
    haproxy.on("error", (error) => {
      this.#said += `haproxy could not be started (apt-get install haproxy): ${error.message}`;
    });
    const end = performance.now() + startDeadlineMs;
    while (!(await isServing())) {
      if (performance.now() > end || haproxy.exitCode !== null) throw new Error(`HAProxy did not start: ${this.#said}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** As `systemctl reload` does: the new process takes the sockets over, the old one ends when it has nothing left. */
  async reload(isTakenOver: () => Promise<boolean>): Promise<void> {
    const former = this.#child;
    if (former?.pid === undefined) throw new Error("there is no HAProxy to reload");
    this.#former.push(former);
    await this.start(isTakenOver, "-x", this.adminSocket, "-sf", String(former.pid));
  }

  async kill(): Promise<void> {
    for (const child of [this.#child, ...this.#former]) {
      if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) continue;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    }
  }

  /** What HAProxy says to a line of a person's own. */
  runtime(line: string): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const socket = connect(this.adminSocket, () => socket.write(`${line}\n`));
    let reply = "";
    socket.on("data", (chunk) => {
      reply += chunk;
    });
    socket.on("end", () => resolve(reply));
    socket.on("error", reject);
    return promise;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
