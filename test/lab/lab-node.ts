/** A node from outside: booted, entered, killed. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ExecOptions, type ExecResult, execInside, nodeEnv, spawnInside } from "./inside.ts";
import { nodeDir } from "./lab-files.ts";
import type { ProgramName } from "./layout.ts";
import { childOf } from "./proc.ts";
import { isReady, startCommand } from "./programs.ts";
import { type Patience, until } from "./until.ts";

export const initScript = join(import.meta.dirname, "node-init.sh");
const endLimitMs = 5_000;
const logTailLines = 15;

export class LabNode {
  readonly name: string;
  readonly #dir: string;
  readonly #prefix: string;
  #outer: ChildProcess | undefined;
  #pid: number | undefined;

  constructor(dir: string, prefix: string, name: string) {
    this.#dir = dir;
    this.#prefix = prefix;
    this.name = name;
  }

  /** The node's process 1, as a pid of this machine. */
  get pid(): number {
    if (this.#pid === undefined) throw new Error(`${this.name} is off.`);
    return this.#pid;
  }

  get isOn(): boolean {
    return this.#pid !== undefined;
  }

  /** When it resolves the node's namespaces exist, without cables and without programs. */
  async boot(patience: Patience): Promise<void> {
    const log = openSync(this.#logFile, "a");
    const namespaces = ["--mount", "--uts", "--ipc", "--pid", "--net", "--fork", "--kill-child=SIGKILL"];
    // Detached: Ctrl-C in the terminal is for the lab's process, not for every daemon in it.
    const outer = spawn("unshare", [...namespaces, "bash", initScript, this.#dir, this.name], {
      stdio: ["pipe", log, log],
      detached: true,
      env: nodeEnv,
    });
    closeSync(log);
    outer.on("error", () => undefined);
    outer.stdin?.on("error", () => undefined);
    this.#outer = outer;
    const pid = await until(`${this.name} has no process`, () => childOf(outer.pid ?? 0), patience);
    await writeFile(join(nodeDir(this.#dir, this.name), "pid"), `${pid}`);
    this.#pid = pid;
  }

  /** When it resolves the programs answer. */
  async start(programs: readonly ProgramName[], patience: Patience): Promise<void> {
    for (const program of programs)
      this.#outer?.stdin?.write(`${startCommand(program, this.#prefix, this.name).join(" ")}\n`);
    try {
      await this.#untilUp("its root file system", () => existsSync(`/proc/${this.pid}/root/run/lab-node`), patience);
      for (const program of programs) await this.#untilUp(program, () => isReady(program, this.pid), patience);
    } catch (cause) {
      if (patience.signal?.aborted) throw cause;
      throw new Error(`${this.name} did not come up. Its log ends with:\n${await this.#logTail()}`, { cause });
    }
  }

  /** Everything in the node is gone when it resolves; nothing in it was told. */
  async kill(): Promise<void> {
    const outer = this.#outer;
    this.#outer = undefined;
    this.#pid = undefined;
    if (outer === undefined || outer.exitCode !== null || outer.signalCode !== null) return;
    const ended = once(outer, "exit", { signal: AbortSignal.timeout(endLimitMs) });
    outer.kill("SIGKILL");
    await ended;
  }

  exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    return execInside(this.pid, argv, options);
  }

  spawn(argv: readonly string[], options: Pick<SpawnOptions, "env" | "cwd" | "stdio"> = {}): ChildProcess {
    return spawnInside(this.pid, argv, options);
  }

  #untilUp(what: string, look: () => boolean | Promise<boolean>, patience: Patience): Promise<true> {
    return until(
      `${what} on ${this.name}`,
      async () => {
        if (this.#outer?.exitCode !== null) throw new Error(`${this.name} ended while waiting for ${what}`);
        return (await look()) ? true : undefined;
      },
      patience,
    );
  }

  get #logFile(): string {
    return join(nodeDir(this.#dir, this.name), "log");
  }

  async #logTail(): Promise<string> {
    return (await readFile(this.#logFile, "utf8")).trimEnd().split("\n").slice(-logTailLines).join("\n");
  }
}
