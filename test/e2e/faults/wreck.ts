/** How the world is made to fail, beyond what the lab itself can do, and made whole again. */
import type { LabStage } from "../../../demo/lab-scene.ts";
import { adminSocket } from "../../lab/haproxy-config.ts";
import type { LabNode } from "../../lab/lab-node.ts";
import { registryPort } from "../../lab/layout.ts";
import { until } from "../../lab/until.ts";

const upLimit = { limitMs: 30_000 };
const wrongPort = 5_001;

export async function mustExec(node: LabNode, argv: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await node.exec(argv);
  if (exitCode !== 0) throw new Error(`${argv.join(" ")} on ${node.name} ended with ${exitCode}: ${stderr}`);
  return stdout;
}

const lossRule = (net: string): string[] => {
  const chance = ["-m", "statistic", "--mode", "random", "--probability", "0.05"];
  return ["INPUT", "-i", net, ...chance, "-j", "DROP"];
};

/** One packet of twenty that arrives at the bastion, from either side, is lost: all that Slipway says to the hosts. */
export async function losePackets({ lab }: LabStage): Promise<void> {
  for (const net of ["office", "private"]) await mustExec(lab.bastion, ["iptables", "-w", "-I", ...lossRule(net)]);
}

export async function keepPackets({ lab }: LabStage): Promise<void> {
  for (const net of ["office", "private"]) await mustExec(lab.bastion, ["iptables", "-w", "-D", ...lossRule(net)]);
}

/** For the hosts alone: a build still finds the registry from the office. */
const registryRule = (then: readonly string[]): string[] => {
  return ["-i", "private", "-p", "tcp", "--dport", `${registryPort}`, "-j", ...then];
};

export async function refuseRegistry({ lab }: LabStage): Promise<void> {
  const rule = registryRule(["REJECT", "--reject-with", "tcp-reset"]);
  await mustExec(lab.node("registry"), ["iptables", "-w", "-I", "INPUT", ...rule]);
}

export async function allowRegistry({ lab }: LabStage): Promise<void> {
  const rule = registryRule(["REJECT", "--reject-with", "tcp-reset"]);
  await mustExec(lab.node("registry"), ["iptables", "-w", "-D", "INPUT", ...rule]);
}

const always500 = `require('node:http').createServer((_, a) => a.writeHead(500).end('broken')).listen(${wrongPort})`;
const toWrongPort = ["PREROUTING", ...registryRule(["REDIRECT", "--to-ports", `${wrongPort}`])];
const openWrongPort = ["INPUT", "-i", "private", "-p", "tcp", "--dport", `${wrongPort}`, "-j", "ACCEPT"];

/** The hosts get 500 for whatever they ask the registry. */
export async function breakRegistry({ lab }: LabStage): Promise<void> {
  const registry = lab.node("registry");
  registry.spawn([process.execPath, "-e", always500], { stdio: "ignore" });
  const knock = ["curl", "-s", "-o", "/dev/null", `http://127.0.0.1:${wrongPort}/`];
  await until(
    "the broken registry",
    async () => ((await registry.exec(knock)).exitCode === 0 ? true : undefined),
    upLimit,
  );
  await mustExec(registry, ["iptables", "-w", "-I", ...openWrongPort]);
  await mustExec(registry, ["iptables", "-w", "-t", "nat", "-I", ...toWrongPort]);
}

export async function mendRegistry({ lab }: LabStage): Promise<void> {
  const registry = lab.node("registry");
  await mustExec(registry, ["iptables", "-w", "-t", "nat", "-D", ...toWrongPort]);
  await mustExec(registry, ["iptables", "-w", "-D", ...openWrongPort]);
  await mustExec(registry, ["pkill", "-f", "always500|'broken'"]);
}

/** With every connection of its users. */
export async function killHaproxy({ lab }: LabStage): Promise<void> {
  const pids = (await mustExec(lab.balancer, ["pidof", "haproxy"])).trim().split(" ");
  await mustExec(lab.balancer, ["kill", "-KILL", ...pids]);
}

/** It finds its configuration again, and nothing of what it was told at run time. */
export async function startHaproxy({ lab }: LabStage): Promise<void> {
  lab.balancer.spawn(["haproxy", "-db", "-f", "/etc/haproxy/haproxy.cfg"], { stdio: "ignore" });
  await until(
    "the new HAProxy",
    async () => (await lab.haproxy("show info").catch(() => "")) !== "" || undefined,
    upLimit,
  );
}

/** As a package update or a change of its configuration does it: the new one takes the old one's listeners over. */
export async function reloadHaproxy({ lab }: LabStage): Promise<void> {
  const old = (await mustExec(lab.balancer, ["pidof", "haproxy"])).trim().split(" ");
  const file = ["-db", "-f", "/etc/haproxy/haproxy.cfg"];
  lab.balancer.spawn(["haproxy", ...file, "-x", adminSocket, "-sf", ...old], { stdio: "ignore" });
  const isNew = async () => {
    const [pid = old[0]] = /^Pid: (\d+)/m.exec(await lab.haproxy("show info").catch(() => ""))?.slice(1) ?? [];
    return old.includes(pid ?? "") ? undefined : true;
  };
  await until("the new HAProxy", isNew, upLimit);
}

/** The socket is there and lets nobody in; users are served as before. */
export async function refuseSocket({ lab }: LabStage): Promise<void> {
  await mustExec(lab.balancer, ["chmod", "600", adminSocket]);
}

export async function allowSocket({ lab }: LabStage): Promise<void> {
  await mustExec(lab.balancer, ["chmod", "660", adminSocket]);
}

/** The server's own database dies without a word, and every session with it. */
export async function killDatabase({ lab }: LabStage): Promise<void> {
  const file = `${lab.officeDataDir}/state/postgres/data/postmaster.pid`;
  const [pid = ""] = (await mustExec(lab.office, ["head", "-n", "1", file])).trim().split("\n");
  await mustExec(lab.office, ["kill", "-KILL", pid]);
}

const filler = "/var/lib/docker/filler";

/** Not one byte is left where the engine keeps its files. */
export async function fillDisk({ lab }: LabStage, host: string): Promise<void> {
  const { stderr } = await lab.host(host).exec(["dd", "if=/dev/zero", `of=${filler}`, "bs=4k"]);
  if (!stderr.includes("No space left")) throw new Error(`The disk of ${host} was not filled: ${stderr}`);
}

export async function freeDisk({ lab }: LabStage, host: string): Promise<void> {
  await mustExec(lab.host(host), ["rm", filler]);
}
