/** Keys and configuration of everything that speaks SSH in the lab. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { addresses, type HostAddress, type Layout, sshPort } from "./layout.ts";
import { runProgram } from "./run-program.ts";

export interface SshFiles {
  /** The private key that both the bastion and the hosts know; it works from the office only. */
  readonly deployKey: string;
  readonly knownHosts: string;
  /** For a person: `ssh -F <config> web-1`. */
  readonly config: string;
}

/** The machines that run sshd, with the address by which a client names them. */
export function sshMachines(layout: Layout): HostAddress[] {
  const sshd = [
    { name: "bastion", address: addresses.bastion },
    { name: "balancer", address: addresses.balancer },
  ];
  return [...sshd, ...layout.hosts];
}

export const hostKey = (dir: string, name: string): string => join(dir, "keys", `host-${name}`);

export async function writeSshFiles(dir: string, layout: Layout): Promise<SshFiles> {
  const keys = join(dir, "keys");
  await mkdir(keys, { mode: 0o700 });
  const files = {
    deployKey: join(keys, "deploy"),
    knownHosts: join(keys, "known_hosts"),
    config: join(keys, "config"),
  };
  const machines = sshMachines(layout);
  const paths = [files.deployKey, ...machines.map(({ name }) => hostKey(dir, name))];
  await Promise.all(
    paths.map((path) => runProgram(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", path])),
  );
  const known = await Promise.all(machines.map((machine) => knownHostsLine(dir, machine)));
  await writeFile(files.knownHosts, known.join(""));
  await writeFile(files.config, clientConfig(files, layout));
  return files;
}

async function knownHostsLine(dir: string, { name, address }: HostAddress): Promise<string> {
  const [type, key] = (await readFile(`${hostKey(dir, name)}.pub`, "utf8")).split(" ");
  return `${name},${address} ${type} ${key}\n`;
}

function clientConfig(files: SshFiles, layout: Layout): string {
  const inside = sshMachines(layout).filter(({ name }) => name !== "bastion");
  return [
    `Host bastion\n  HostName ${addresses.bastion}\n  User jump`,
    ...inside.map(({ name, address }) => `Host ${name}\n  HostName ${address}\n  User deploy\n  ProxyJump bastion`),
    // `-o` options do not reach the jump host; a config file does.
    `Host *\n  IdentityFile ${files.deployKey}\n  UserKnownHostsFile ${files.knownHosts}`,
    "  GlobalKnownHostsFile /dev/null\n  IdentitiesOnly yes\n  BatchMode yes\n  StrictHostKeyChecking yes\n",
  ].join("\n");
}

const sshdCommon = [
  `Port ${sshPort}`,
  "HostKey /etc/ssh/lab_host_key",
  "AuthorizedKeysFile /etc/ssh/lab_authorized_keys",
  "PasswordAuthentication no",
  "KbdInteractiveAuthentication no",
  "PermitRootLogin no",
  "UsePAM no",
  "UseDNS no",
  "X11Forwarding no",
  "AllowAgentForwarding no",
  "MaxSessions 100",
  "MaxStartups 100:30:200",
  "PidFile /run/sshd.pid",
];

/** The bastion passes connections on to the listed machines and does nothing else, for anybody. */
export function bastionSshd(layout: Layout): string {
  const reachable = sshMachines(layout).filter(({ name }) => name !== "bastion");
  return lines([
    ...sshdCommon,
    "AllowUsers jump",
    "AllowTcpForwarding local",
    "AllowStreamLocalForwarding no",
    "PermitTTY no",
    "ForceCommand /bin/false",
    `PermitOpen ${reachable.map(({ address }) => `${address}:${sshPort}`).join(" ")}`,
  ]);
}

/** Hosts and the balancer let `deploy` forward unix sockets: the engine's and HAProxy's. A PermitOpen list here would forbid it. */
export function insideSshd(): string {
  const allowed = ["AllowUsers deploy", "AllowTcpForwarding local", "AllowStreamLocalForwarding local"];
  return lines([...sshdCommon, ...allowed, "Subsystem sftp internal-sftp"]);
}

const lines = (words: readonly string[]): string => `${words.join("\n")}\n`;
