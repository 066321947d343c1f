/** The wires: one bridge per net in a switch of their own, so that nothing is added to the machine's own network. */
import { firewallRules } from "./firewall.ts";
import type { Cable, NetName, NodePlan } from "./layout.ts";
import { runProgram } from "./run-program.ts";

const nets: readonly NetName[] = ["office", "private", "public"];
const portNames: Record<NetName, string> = { office: "off", private: "prv", public: "pub" };

/** The switch's end of a node's cable. Linux allows 15 letters. */
const portOf = (node: NodePlan, cable: Cable): string => `${portNames[cable.net]}.${node.name}`;

/** The same card after every boot: otherwise neighbours talk for seconds to an address that is gone. */
const macOf = (address: string): string =>
  `02:00:${address
    .split(".")
    .map((part) => Number(part).toString(16).padStart(2, "0"))
    .join(":")}`;

export async function layBridges(switchPid: number): Promise<void> {
  const lines = nets.flatMap((net) => [`link add ${net} type bridge forward_delay 0`, `link set ${net} up`]);
  await ip(switchPid, ["link set lo up", ...lines]);
}

/** When it resolves the node has its cards and addresses, and its firewall stands. */
export async function plugIn(switchPid: number, node: NodePlan, pid: number): Promise<void> {
  await runProgram(["nsenter", "--target", `${pid}`, "--net", "iptables-restore", "-w"], firewallRules(node));
  const switchEnds = node.cables.flatMap((cable) => [
    `link add ${portOf(node, cable)} type veth peer name ${cable.net} address ${macOf(cable.address)} netns ${pid}`,
    `link set ${portOf(node, cable)} master ${cable.net} up`,
  ]);
  await ip(switchPid, switchEnds);
  const nodeEnds = node.cables.flatMap(({ net, address }) => [
    `addr add ${address}/24 dev ${net}`,
    `link set ${net} up`,
  ]);
  await ip(pid, ["link set lo up", ...nodeEnds]);
}

/** Destroys the cables at once, so the dying node says no goodbye: a power failure is silence. */
export async function unplug(switchPid: number, node: NodePlan): Promise<void> {
  await ip(
    switchPid,
    node.cables.map((cable) => `link del ${portOf(node, cable)}`),
  );
}

export async function setCables(switchPid: number, node: NodePlan, state: "up" | "down"): Promise<void> {
  await ip(
    switchPid,
    node.cables.map((cable) => `link set ${portOf(node, cable)} ${state}`),
  );
}

async function ip(pid: number, lines: readonly string[]): Promise<void> {
  await runProgram(["nsenter", "--target", `${pid}`, "--net", "ip", "-batch", "-"], `${lines.join("\n")}\n`);
}
