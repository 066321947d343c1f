/** A lab that is up: its nodes, its papers, and what can be made to fail. */

import { join } from "node:path";
import { askHaproxy } from "./ask-haproxy.ts";
import { plugIn, setCables, unplug } from "./cables.ts";
import { type FleetSource, fleetYaml } from "./fleet-yaml.ts";
import { adminSocket, backend } from "./haproxy-config.ts";
import { labDown, removeCgroups } from "./lab-down.ts";
import { cgroupName } from "./lab-files.ts";
import type { LabNode } from "./lab-node.ts";
import { addresses, type HostAddress, type Layout, type NodePlan } from "./layout.ts";
import { textOrNothing } from "./proc.ts";
import { type Publication, publish } from "./publish.ts";
import { registry } from "./registry-files.ts";
import type { SshFiles } from "./ssh-files.ts";

const bootLimitMs = 30_000;

export interface LabParts {
  readonly dir: string;
  readonly prefix: string;
  readonly layout: Layout;
  readonly ssh: SshFiles;
  readonly nodes: ReadonlyMap<NodePlan, LabNode>;
}

export class LabNetwork {
  readonly prefix: string;
  /** The lab's directory on the machine. */
  readonly dir: string;
  readonly hosts: readonly HostAddress[];
  readonly addresses = addresses;
  /** Paths of the deploy key, known_hosts and a client's config: the same on the machine and in the office. */
  readonly ssh: SshFiles;
  readonly registry = registry;
  readonly frontUrl = `http://${addresses.front}/`;
  readonly balancerSocket = `ssh://deploy@${addresses.balancer}${adminSocket}`;
  readonly backend = backend;
  /** A directory that the office sees at the same path, live in both directions: put repositories here. */
  readonly sharedDir: string;
  /** In the office: a real file system, for databases. */
  readonly officeDataDir = "/var/lib/slipway";
  readonly #layout: Layout;
  readonly #nodes: ReadonlyMap<NodePlan, LabNode>;
  readonly #publications: Publication[] = [];

  constructor(parts: LabParts) {
    this.prefix = parts.prefix;
    this.dir = parts.dir;
    this.hosts = parts.layout.hosts;
    this.ssh = parts.ssh;
    this.sharedDir = join(parts.dir, "shared");
    this.#layout = parts.layout;
    this.#nodes = parts.nodes;
  }

  get office(): LabNode {
    return this.node("office");
  }

  get desk(): LabNode {
    return this.node("desk");
  }

  get client(): LabNode {
    return this.node("client");
  }

  get bastion(): LabNode {
    return this.node("bastion");
  }

  get balancer(): LabNode {
    return this.node("balancer");
  }

  get switchPid(): number {
    return this.node("switch").pid;
  }

  host(name: string): LabNode {
    return this.node(name);
  }

  node(name: string): LabNode {
    return this.#find(name)[1];
  }

  /** A fleet.yaml that tells Slipway, in the office, of this lab. */
  fleetYaml(source?: FleetSource): string {
    return fleetYaml(this.hosts, this.ssh, source);
  }

  /** One command on HAProxy's runtime socket, asked on the balancer itself; resolves with the answer's text. */
  haproxy(command: string): Promise<string> {
    return askHaproxy(this.balancer.pid, command);
  }

  /** As if the plug was pulled: the node falls silent at once, its programs and containers die, its disk stays. */
  async powerOff(name: string): Promise<void> {
    const [plan, node] = this.#find(name);
    await unplug(this.switchPid, plan);
    await node.kill();
    await removeCgroups(`${cgroupName(this.prefix)}/${name}`);
  }

  /** When it resolves the node's programs answer; containers that restart by themselves may still be starting. */
  async powerOn(name: string): Promise<void> {
    const [plan, node] = this.#find(name);
    const patience = { limitMs: bootLimitMs };
    await node.boot(patience);
    await plugIn(this.switchPid, plan, node.pid);
    await node.start(plan.programs, patience);
  }

  /** Pulls the node's cables: it lives on, and nobody hears it. */
  async cut(name: string): Promise<void> {
    await setCables(this.switchPid, this.#find(name)[0], "down");
  }

  async heal(name: string): Promise<void> {
    await setCables(this.switchPid, this.#find(name)[0], "up");
  }

  /** The host's container engine dies without a word; its containers serve on. */
  async stopEngine(name: string): Promise<void> {
    const node = this.node(name);
    const pid = textOrNothing(`/proc/${node.pid}/root/run/docker.pid`)?.trim();
    if (pid === undefined) throw new Error(`${name} has no running engine.`);
    await node.exec(["kill", "-KILL", pid]);
    // Its own pid file would make the next engine refuse to start if that pid is in use again.
    await node.exec(["rm", "/run/docker.pid"]);
  }

  async startEngine(name: string): Promise<void> {
    await this.node(name).start(["engine"], { limitMs: bootLimitMs });
  }

  /** Opens 127.0.0.1:<answer> on this machine; what connects there reaches that loopback port of the office. */
  async publish(officePort: number, localPort = 0): Promise<number> {
    const publication = await publish(this.office, this.sharedDir, { officePort, localPort });
    this.#publications.push(publication);
    return publication.port;
  }

  async down(): Promise<void> {
    for (const publication of this.#publications) publication.close();
    await labDown(this.prefix);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
  }

  #find(name: string): readonly [NodePlan, LabNode] {
    const found = [...this.#nodes].find(([plan]) => plan.name === name);
    if (found !== undefined) return found;
    throw new RangeError(`The lab has no ${name}; it has ${this.#layout.nodes.map((node) => node.name).join(", ")}.`);
  }
}
