/** The files by which a node differs from the machine; node-init.sh lays them over its root. */
import { statSync } from "node:fs";
import { chmod, chown, copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { haproxyConfig } from "./haproxy-config.ts";
import { nodeDir } from "./lab-files.ts";
import { addresses, type Layout, type NodePlan } from "./layout.ts";
import { passwordFile, registryConfig } from "./registry-files.ts";
import { bastionSshd, hostKey, insideSshd } from "./ssh-files.ts";

const deployId = 2001;
const jumpId = 2002;
const spareDockerId = 2003;

/** Writes everything node-init.sh reads: the node's files, its mounts, and the mount point of its root. */
export async function writeNodeFiles(dir: string, layout: Layout, node: NodePlan): Promise<void> {
  const here = nodeDir(dir, node.name);
  await mkdir(join(here, "fs"), { recursive: true });
  await writeFile(join(here, "binds"), await makeBinds(dir, node));
  for (const [path, text] of Object.entries(await filesOf(dir, layout, node))) {
    await mkdir(dirname(join(here, "files", path)), { recursive: true });
    await writeFile(join(here, "files", path), text);
  }
  for (const empty of ["run/sshd", "run/haproxy", "home/deploy"])
    await mkdir(join(here, "files", empty), { recursive: true });
  await chown(join(here, "files/home/deploy"), deployId, deployId);
  if (node.programs.includes("sshd")) await copyFile(hostKey(dir, node.name), join(here, "files/etc/ssh/lab_host_key"));
}

async function filesOf(dir: string, layout: Layout, node: NodePlan): Promise<Record<string, string>> {
  return {
    "etc/hostname": `${node.name}\n`,
    "etc/hosts": hostNames(layout, node),
    // bash reads it when its input is a socket, as sshd's and Node's pipes are; the machine's own would leak in.
    "root/.bashrc": "PS1='\\h:\\w# '\n",
    // The machine's own daemon.json may contradict the options the lab's engines are started with.
    "etc/docker/daemon.json": "{}\n",
    ...(await accounts()),
    ...(node.programs.includes("sshd") ? await sshdFiles(dir, layout, node.name) : {}),
    ...(node.programs.includes("haproxy") ? { "etc/haproxy/haproxy.cfg": haproxyConfig(layout.hosts) } : {}),
    ...(node.programs.includes("registry")
      ? { "etc/lab-registry.yml": registryConfig, "etc/lab-registry.htpasswd": await passwordFile() }
      : {}),
  };
}

function hostNames(layout: Layout, node: NodePlan): string {
  const isInside = node.cables.some((cable) => cable.net === "private");
  const known: [string, string][] = [
    [isInside ? addresses.registryInPrivate : addresses.registryInOffice, "registry.lab"],
    [isInside ? addresses.bastionInPrivate : addresses.bastion, "bastion"],
    [addresses.front, "hello.lab"],
    ...(isInside ? layout.hosts.map((host): [string, string] => [host.address, host.name]) : []),
  ];
  return ["127.0.0.1 localhost", `127.0.1.1 ${node.name}`, ...known.map((pair) => pair.join(" ")), ""].join("\n");
}

async function accounts(): Promise<Record<string, string>> {
  const [passwd, shadow, group] = await Promise.all(
    ["passwd", "shadow", "group"].map((name) => readFile(join("/etc", name), "utf8")),
  );
  const groups = /^docker:/m.test(group ?? "") ? group : `${group}docker:x:${spareDockerId}:\n`;
  return {
    "etc/passwd": `${passwd}deploy:x:${deployId}:${deployId}::/home/deploy:/bin/bash\njump:x:${jumpId}:${jumpId}::/:/usr/sbin/nologin\n`,
    // With `UsePAM no`, sshd takes "!" for a locked account and refuses its keys too.
    "etc/shadow": `${shadow}deploy:*:19000::::::\njump:*:19000::::::\n`,
    "etc/group": `${groups?.replace(/^(docker:x:\d+:)(.*)$/m, joinDeploy)}deploy:x:${deployId}:\njump:x:${jumpId}:\n`,
  };
}

const joinDeploy = (_line: string, head: string, members: string): string =>
  `${head}${members === "" ? "deploy" : `${members},deploy`}`;

async function sshdFiles(dir: string, layout: Layout, name: string): Promise<Record<string, string>> {
  const publicKey = await readFile(join(dir, "keys/deploy.pub"), "utf8");
  // Both the firewall and the key say where a connection may come from: either alone would do.
  const options =
    name === "bastion" ? `from="${addresses.office}",restrict,port-forwarding` : `from="${addresses.bastionInPrivate}"`;
  return {
    "etc/ssh/lab_authorized_keys": `${options} ${publicKey}`,
    "etc/ssh/sshd_config": name === "bastion" ? bastionSshd(layout) : insideSshd(),
  };
}

/** Directories of the lab that a node sees elsewhere, on the machine's real file system; they survive a power failure. */
async function makeBinds(dir: string, node: NodePlan): Promise<string> {
  const here = nodeDir(dir, node.name);
  const shared = join(dir, "shared");
  const binds: [string, string][] = [];
  if (node.programs.includes("engine") && !node.smallDisk) binds.push([join(here, "docker"), "/var/lib/docker"]);
  if (node.programs.includes("registry")) binds.push([join(here, "images"), "/var/lib/lab-registry"]);
  if (node.name === "office")
    // An overlay may remember for good that a file was absent; what is made later is seen through a bind mount.
    binds.push([join(here, "data"), "/var/lib/slipway"], [join(here, "tmp"), "/tmp"], [shared, shared], ...offRoot());
  for (const [source] of binds) await mkdir(source, { recursive: true });
  if (node.name === "office") {
    await chmod(join(here, "tmp"), 0o1777);
    // A database runs as a user of its own and has to get in.
    await chmod(join(here, "data"), 0o755);
  }
  const small = node.smallDisk ? [`tmpfs:${node.smallDisk} /var/lib/docker\n`] : [];
  return [...binds.map((pair) => `${pair.join(" ")}\n`), ...small].join("");
}

/** The overlay shows one file system. Where the checkout or Node are on another one, the office sees them by a mount. */
function offRoot(): [string, string][] {
  const checkout = resolve(import.meta.dirname, "../..");
  const needed = [checkout, dirname(process.execPath)];
  return needed.filter((path) => statSync(path).dev !== statSync("/").dev).map((path) => [path, path]);
}
