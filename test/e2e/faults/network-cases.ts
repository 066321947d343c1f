import type { FaultCase } from "./fault-case.ts";
import { keepPackets, losePackets } from "./wreck.ts";

const cutForMs = 6_000;

/** The way to the hosts fails; the users' own way does not lead through it. */
export const networkCases: readonly FaultCase[] = [
  {
    name: "the bastion falls silent for 6 s while web-2 is checked",
    when: { host: "web-2", step: "check" },
    fault: ({ lab }) => lab.cut("bastion"),
    heal: { afterMs: cutForMs, do: ({ lab }) => lab.heal("bastion") },
    expected: [{ state: "succeeded", hosts: "new" }],
  },
  {
    name: "the bastion falls silent for 6 s while web-2 is replaced",
    when: { host: "web-2", step: "replace" },
    fault: ({ lab }) => lab.cut("bastion"),
    heal: { afterMs: cutForMs, do: ({ lab }) => lab.heal("bastion") },
    expected: [{ state: "succeeded", hosts: "new" }],
  },
  {
    name: "the bastion loses its power while web-2 is checked, and comes back",
    when: { host: "web-2", step: "check" },
    fault: ({ lab }) => lab.powerOff("bastion"),
    heal: { afterMs: cutForMs, do: ({ lab }) => lab.powerOn("bastion") },
    // Every connection through it has died: an act that was under way on one fails, and is put back by new ones.
    expected: [
      { state: "failed", codes: ["bastion.unreachable", "host.unreachable", "engine.unreachable"], hosts: "old" },
      { state: "succeeded", hosts: "new" },
    ],
  },
  {
    name: "one packet of twenty is lost on the way to and from the bastion",
    fault: losePackets,
    heal: { do: keepPackets },
    expected: [{ state: "succeeded", hosts: "new" }],
  },
];
