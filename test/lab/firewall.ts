import type { NodePlan, Opening } from "./layout.ts";

/** A node's rules for iptables-restore: what the plan opens, and a refusal that answers at once for the rest. */
export function firewallRules(node: NodePlan): string {
  return [
    "*filter",
    ":INPUT DROP [0:0]",
    // A node with two cards is never a router: the only way from one net to the other is a program on it.
    ":FORWARD DROP [0:0]",
    ":OUTPUT ACCEPT [0:0]",
    "-A INPUT -i lo -j ACCEPT",
    "-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
    "-A INPUT -p icmp --icmp-type echo-request -j ACCEPT",
    ...node.openings.map(acceptRule),
    "-A INPUT -p tcp -j REJECT --reject-with tcp-reset",
    "COMMIT",
    "",
  ].join("\n");
}

function acceptRule(opening: Opening): string {
  const from = opening.from === undefined ? "" : ` -s ${opening.from}`;
  return `-A INPUT -i ${opening.net}${from} -p tcp --dport ${opening.port} -j ACCEPT`;
}
