import type { Expected, FaultCase } from "../test/e2e/faults/fault-case.ts";
import { faultTables } from "../test/e2e/faults/fault-tables.ts";

/** The reference page of every fault that `npm run faults` lets happen, with the ends that are written down for it. */
export const faultPage = (): string => `${head}
| fault | expected end |
|---|---|
${faultTables.flatMap(({ cases }) => cases.map(rowOf)).join("\n")}
`;

const head = `# npm run faults

    npm run faults                                  # all of them, about twelve minutes
    npm run faults -- --only 'bastion|disk'         # those whose name matches; none: exit 2 with the list
    npm run faults -- --json faults.json

Needs root on Debian or Ubuntu. On the [lab](../tutorial.md), under traffic, a rollout is begun and something fails in the
middle of it. How it ended is asked of the world - the hosts' engines, HAProxy, the users - and of the server's database,
and held against the end that is written down here. No request may fail, with two exceptions that are counted apart:
those that HAProxy lost on a host whose power was cut while it served, and those that found no HAProxy.

Where several ends are written down, each of them is right: a fault that hits between two acts is met by one or the other.
"old" and "new" is the release that the hosts run and serve once the world is whole again.
`;

const rowOf = ({ name, expected }: FaultCase): string => `| ${name} | ${expected.map(endOf).join("; or ")} |`;

function endOf({ state, codes, host, hosts, except, outOfService, losesRequestsOn, isBalancerAway }: Expected): string {
  const differing = Object.entries(except ?? {}).map(([name, which]) => `${name}: ${which}`);
  return [
    `**${state}**${codes ? ` (${codes.map((code) => `\`${code}\``).join(" or ")}${host ? ` of ${host}` : ""})` : ""}`,
    `hosts: ${hosts}${differing.length > 0 ? `, but ${differing.join(", ")}` : ""}`,
    ...(outOfService ? [`${outOfService.join(", ")} without traffic until a person deploys`] : []),
    ...(losesRequestsOn ? [`what was in flight on ${losesRequestsOn} is lost`] : []),
    ...(isBalancerAway ? ["what found no HAProxy is lost"] : []),
  ].join(", ");
}
