/** What the run left behind on the lab's machines and in the server, compared with what was there before the users came. */
import { setTimeout as wait } from "node:timers/promises";
import type { LabStage } from "../../demo/lab-scene.ts";
import { type Counts, grown, sumOf } from "./counts.ts";
import {
  type HostSight,
  lookAtHost,
  lookAtMachine,
  lookAtServer,
  type MachineSight,
  type ServerSight,
} from "./sights.ts";

/** The keep rule of the handbook: so many releases' images stay on every host. */
const keptImages = 5;
const settleLimitMs = 120_000;
const lookEveryMs = 2_000;

export type Left = {
  /** By machine and port. */
  readonly connections: Counts;
  /** By machine and program. */
  readonly processes: Counts;
  /** By host: beyond those of before. */
  readonly containers: Counts;
  /** By host: beyond the kept releases. */
  readonly images: Counts;
  /** Open files of the server. */
  readonly files: number;
  readonly sum: number;
};

export type Sights = {
  readonly hosts: Readonly<Record<string, HostSight>>;
  readonly machines: Readonly<Record<string, MachineSight>>;
  readonly server: ServerSight;
};

export async function lookAtAll(stage: LabStage): Promise<Sights> {
  const { lab } = stage;
  const repository = `${stage.hello.registry}/acme/hello`;
  const hosts: Record<string, HostSight> = {};
  for (const { name } of lab.hosts) hosts[name] = await lookAtHost(lab.host(name), repository);
  const machines: Record<string, MachineSight> = { ...hosts };
  for (const node of [lab.office, lab.bastion, lab.balancer, lab.node("registry"), lab.client])
    machines[node.name] = await lookAtMachine(node);
  return { hosts, machines, server: await lookAtServer(stage) };
}

/** Connections that are kept for reuse may take their time to go; what is left at the limit is left. */
export async function settledLeft(stage: LabStage, before: Sights): Promise<Left> {
  const giveUpAt = performance.now() + settleLimitMs;
  for (;;) {
    const left = leftOf(before, await lookAtAll(stage));
    if (left.sum === 0 || performance.now() > giveUpAt) return left;
    await wait(lookEveryMs);
  }
}

export function leftOf(before: Sights, after: Sights): Left {
  const connections = grownOn("connections", before, after);
  const processes = grownOn("processes", before, after);
  const ofHosts = ({ hosts }: Sights, count: (host: HostSight) => number): Counts =>
    Object.fromEntries(Object.entries(hosts).map(([name, host]) => [name, count(host)]));
  const all = (host: HostSight) => host.containers.length;
  const containers = grown(ofHosts(before, all), ofHosts(after, all));
  // More than before is right: they grow up to the keep rule.
  const images = grown(
    {},
    ofHosts(after, (host) => host.images - keptImages),
  );
  const files = Math.max(0, after.server.files - before.server.files);
  const sum = [connections, processes, containers, images].reduce((total, counts) => total + sumOf(counts), files);
  return { connections, processes, containers, images, files, sum };
}

function grownOn(what: keyof MachineSight, before: Sights, after: Sights): Counts {
  const named = (sights: Sights): Counts =>
    Object.fromEntries(
      Object.entries(sights.machines).flatMap(([machine, sight]) =>
        Object.entries(sight[what]).map(([name, count]) => [`${machine} ${name}`, count]),
      ),
    );
  return grown(named(before), named(after));
}
