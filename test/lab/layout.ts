/** Who stands where in the lab's network, and which connections each node lets in. Pure: no lab is needed to read it. */

export type NetName = "office" | "private" | "public";
export type ProgramName = "sshd" | "engine" | "haproxy" | "registry";

/** A node's network card; the address is unique in the lab. */
export interface Cable {
  readonly net: NetName;
  readonly address: string;
}

/** One kind of connection a node lets in; everything else is refused at once. */
export interface Opening {
  readonly net: NetName;
  readonly from?: string;
  readonly port: number;
}

export interface NodePlan {
  readonly name: string;
  readonly cables: readonly Cable[];
  readonly openings: readonly Opening[];
  readonly programs: readonly ProgramName[];
  /** The engine's files in memory and no more than that, as in "300m": a disk that can be filled, and a power failure empties. */
  readonly smallDisk?: string;
}

export interface HostAddress {
  readonly name: string;
  readonly address: string;
}

export interface Layout {
  readonly hosts: readonly HostAddress[];
  readonly nodes: readonly NodePlan[];
}

export const addresses = {
  office: "10.10.0.2",
  desk: "10.10.0.3",
  registryInOffice: "10.10.0.6",
  bastion: "10.10.0.10",
  balancer: "10.20.0.5",
  registryInPrivate: "10.20.0.6",
  bastionInPrivate: "10.20.0.10",
  officeInPublic: "10.30.0.2",
  front: "10.30.0.5",
  client: "10.30.0.9",
} as const;

export const sshPort = 22;
export const appPort = 8080;
export const frontPort = 80;
export const registryPort = 5000;
/** The host addresses end in .101 and up, and stay inside one /24. */
export const mostHosts = 100;

const fromBastion: Opening = { net: "private", from: addresses.bastionInPrivate, port: sshPort };
const fromBalancer: Opening = { net: "private", from: addresses.balancer, port: appPort };

export function layOut(hostCount: number, smallDisks: Readonly<Record<string, string>> = {}): Layout {
  if (!Number.isInteger(hostCount) || hostCount < 1 || hostCount > mostHosts)
    throw new RangeError(`A lab has 1 to ${mostHosts} hosts, not ${hostCount}.`);
  const hosts = Array.from({ length: hostCount }, (_, i) => ({ name: `web-${i + 1}`, address: `10.20.0.${101 + i}` }));
  return { hosts, nodes: [...surroundings, ...hosts.map((host) => asNode(host, smallDisks[host.name]))] };
}

function asNode(host: HostAddress, smallDisk: string | undefined): NodePlan {
  return {
    name: host.name,
    cables: [{ net: "private", address: host.address }],
    openings: [fromBastion, fromBalancer],
    programs: ["sshd", "engine"],
    ...(smallDisk === undefined ? {} : { smallDisk }),
  };
}

const surroundings: readonly NodePlan[] = [
  {
    name: "office",
    // The public card lets Slipway call the balancer's front end like any user.
    cables: [
      { net: "office", address: addresses.office },
      { net: "public", address: addresses.officeInPublic },
    ],
    openings: [],
    programs: ["engine"],
  },
  { name: "desk", cables: [{ net: "office", address: addresses.desk }], openings: [], programs: [] },
  { name: "client", cables: [{ net: "public", address: addresses.client }], openings: [], programs: [] },
  {
    name: "bastion",
    cables: [
      { net: "office", address: addresses.bastion },
      { net: "private", address: addresses.bastionInPrivate },
    ],
    openings: [{ net: "office", from: addresses.office, port: sshPort }],
    programs: ["sshd"],
  },
  {
    name: "registry",
    cables: [
      { net: "office", address: addresses.registryInOffice },
      { net: "private", address: addresses.registryInPrivate },
    ],
    openings: [
      { net: "office", from: addresses.office, port: registryPort },
      { net: "private", port: registryPort },
    ],
    programs: ["registry"],
  },
  {
    name: "balancer",
    cables: [
      { net: "private", address: addresses.balancer },
      { net: "public", address: addresses.front },
    ],
    openings: [fromBastion, { net: "public", port: frontPort }],
    programs: ["sshd", "haproxy"],
  },
];
