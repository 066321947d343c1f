/** What there is on the lab's machines: counted before users come and after they have gone, to be compared. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { LabStage } from "../../demo/lab-scene.ts";
import type { LabNode } from "../lab/lab-node.ts";
import { type Counts, countsOf } from "./counts.ts";

export type MachineSight = {
  /** Of TCP, by the port that listens: "22", "80", "8080", "5000", else "other". */
  readonly connections: Counts;
  readonly processes: Counts;
};

export type HostSight = MachineSight & { readonly containers: readonly string[]; readonly images: number };

const collectGarbage = join(import.meta.dirname, "collect-garbage.ts");
const knownPorts = ["22", "80", "8080", "5000", "7420"];
/** Of these states nobody holds anything any more; the kernel forgets them by itself. */
const passing = ["LISTEN", "TIME-WAIT"];

/** By what we look ourselves; one after the other, so that no look sees another. */
const lookers = ["ps", "ss", "nsenter"];

export async function lookAtMachine(node: LabNode): Promise<MachineSight> {
  const sockets = await exec(node, ["ss", "-Htan"]);
  const processes = await exec(node, ["ps", "-e", "-o", "comm="]);
  const open = sockets.map((line) => line.split(/\s+/)).filter(([state = ""]) => !passing.includes(state));
  return {
    connections: countsOf(open.map(([, , , here, there]) => portNamed(here, there))),
    processes: countsOf(processes.map((name) => name.trim()).filter((name) => !lookers.includes(name))),
  };
}

export async function lookAtHost(node: LabNode, repository: string): Promise<HostSight> {
  const machine = await lookAtMachine(node);
  const containers = await exec(node, ["docker", "ps", "--all", "--format", "{{.State}}"]);
  const images = await exec(node, ["docker", "images", "--all", "--no-trunc", "--quiet", repository]);
  return { ...machine, containers, images: new Set(images).size };
}

export type ServerSight = {
  /** After a collection of garbage: what merely was not collected yet is not growth. */
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly files: number;
  readonly threads: number;
};

/** Slipway's own process. */
export async function lookAtServer({ lab, serverPid }: Pick<LabStage, "lab" | "serverPid">): Promise<ServerSight> {
  const pid = serverPid();
  if (pid === undefined) throw new Error("The server has ended.");
  // Node opens its inspector at this signal, on the office's own loopback; where it is open nothing happens.
  process.kill(pid, "SIGUSR1");
  const [used = ""] = await exec(lab.office, [process.execPath, collectGarbage]);
  const { rss, heapUsed } = JSON.parse(used) as NodeJS.MemoryUsage;
  const threads = await readdir(`/proc/${pid}/task`);
  const files = await readdir(`/proc/${pid}/fd`);
  return { rssBytes: rss, heapBytes: heapUsed, files: files.length, threads: threads.length };
}

function portNamed(here = "", there = ""): string {
  const ports = [here, there].map((end) => end.slice(end.lastIndexOf(":") + 1));
  return ports.find((port) => knownPorts.includes(port)) ?? "other";
}

async function exec(node: LabNode, argv: readonly string[]): Promise<string[]> {
  const { exitCode, stdout, stderr } = await node.exec(argv);
  if (exitCode !== 0) throw new Error(`${argv.join(" ")} on ${node.name} ended with ${exitCode}: ${stderr}`);
  return stdout.split("\n").filter(Boolean);
}
