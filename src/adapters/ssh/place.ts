import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import type { NetworkSpec } from "#core/fleet.ts";
import { configText } from "./commands.ts";
import { hash } from "./hash.ts";

/** A socket's path may have 107 bytes; ssh adds 57 of its own to the directory's, we add 7. */
const directoryLimit = 43;

/** The private directory of sockets and of one ssh configuration for each network as it is configured now. */
export class Place {
  readonly #wanted: string;
  readonly #knownHostsFile: string;
  #directory: Promise<string> | undefined;
  readonly #configs = new Map<string, Promise<string>>();
  #sockets = 0;

  constructor({ directory, knownHostsFile }: { directory: string; knownHostsFile: string }) {
    this.#wanted = directory;
    this.#knownHostsFile = knownHostsFile;
  }

  config(network: NetworkSpec): Promise<string> {
    const key = JSON.stringify(network);
    const writing = this.#configs.get(key) ?? this.#write(network, key);
    this.#configs.set(key, writing);
    return writing;
  }

  /** A new name each time: what ends an old forward must not meet its successor. */
  async newSocket(): Promise<string> {
    return join(await this.#open(), `${++this.#sockets}.sock`);
  }

  async remove(): Promise<void> {
    // One that could not be made is not there to be removed.
    const directory = await this.#directory?.catch(() => undefined);
    if (directory) await rm(directory, { recursive: true, force: true });
    this.#directory = undefined;
    this.#configs.clear();
  }

  async #write(network: NetworkSpec, key: string): Promise<string> {
    const directory = await this.#open();
    const own = network.ssh?.knownHostsFile;
    const knownHosts = own ? [own] : [this.#knownHostsFile, join(homedir(), ".ssh", "known_hosts")];
    const name = hash(key).slice(0, 6);
    const config = join(directory, `${name}.conf`);
    await writeFile(config, configText(network, { name, directory, knownHosts }), { mode: 0o600 });
    return config;
  }

  #open(): Promise<string> {
    this.#directory ??= this.#make();
    return this.#directory;
  }

  /** Its name is short enough; it is empty of what a killed server left. */
  async #make(): Promise<string> {
    if (this.#wanted.length > directoryLimit) return mkdtemp(join(tmpdir(), "slipway-ssh-"));
    await mkdir(this.#wanted, { recursive: true, mode: 0o700 });
    // Sockets of a dead server: its connections end by themselves, and a new server must not share them.
    for (const entry of await readdir(this.#wanted))
      await rm(join(this.#wanted, entry), { force: true, recursive: true });
    return this.#wanted;
  }
}
