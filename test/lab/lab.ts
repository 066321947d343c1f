/** The lab: a real private network on this machine, with an office, a bastion, hosts, a balancer and a registry. */
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { layBridges, plugIn } from "./cables.ts";
import { labDown } from "./lab-down.ts";
import { claim, livingOwner } from "./lab-files.ts";
import { LabNetwork } from "./lab-network.ts";
import { LabNode } from "./lab-node.ts";
import { type Layout, layOut, type NodePlan } from "./layout.ts";
import { demandMachine } from "./needed-programs.ts";
import { writeNodeFiles } from "./node-files.ts";
import { writeSshFiles } from "./ssh-files.ts";
import type { Patience } from "./until.ts";

export { labDown } from "./lab-down.ts";
export type { LabNode } from "./lab-node.ts";

export interface LabOptions {
  /** 4 unless said. */
  readonly hosts?: number;
  /** Names the lab on this machine; a new one for every lab unless said. */
  readonly prefix?: string;
  readonly signal?: AbortSignal;
  /** By host: how much its engine can store, as in "300m". */
  readonly smallDisks?: Readonly<Record<string, string>>;
}

export type Lab = LabNetwork;

const defaultHosts = 4;
const bootLimitMs = 30_000;
const switchPlan: NodePlan = { name: "switch", cables: [], openings: [], programs: [] };

/**
 * When it resolves every program of the lab answers. The lab ends with this process, however it ends; what a killed
 * one leaves on disk is removed by `labDown` or by the next lab of that prefix. A failed bring-up leaves nothing.
 */
export async function labUp(options: LabOptions = {}): Promise<Lab> {
  demandMachine();
  const prefix = options.prefix ?? `lab-${randomBytes(4).toString("hex")}`;
  const layout = layOut(options.hosts ?? defaultHosts, options.smallDisks);
  const owner = livingOwner(prefix);
  if (owner !== undefined) throw new Error(`Lab ${prefix} is already up; process ${owner} holds it.`);
  await labDown(prefix);
  const dir = await claim(prefix);
  try {
    return await bringUp(dir, prefix, layout, { limitMs: bootLimitMs, signal: options.signal });
  } catch (error) {
    await labDown(prefix);
    throw error;
  }
}

async function bringUp(dir: string, prefix: string, layout: Layout, patience: Patience): Promise<Lab> {
  const plans = [switchPlan, ...layout.nodes];
  const ssh = await writeSshFiles(dir, layout);
  await mkdir(join(dir, "shared"));
  await Promise.all(plans.map((plan) => writeNodeFiles(dir, layout, plan)));

  const nodes = new Map(plans.map((plan) => [plan, new LabNode(dir, prefix, plan.name)]));
  await Promise.all([...nodes.values()].map((node) => node.boot(patience)));
  const lab = new LabNetwork({ dir, prefix, layout, ssh, nodes });
  await layBridges(lab.switchPid);
  await Promise.all(layout.nodes.map((plan) => plugIn(lab.switchPid, plan, lab.node(plan.name).pid)));
  // Programs start last: nothing may listen before the firewall of its node stands.
  await Promise.all([...nodes].map(([plan, node]) => node.start(plan.programs, patience)));
  return lab;
}
