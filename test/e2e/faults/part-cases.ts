import type { FaultCase } from "./fault-case.ts";
import {
  allowRegistry,
  allowSocket,
  breakRegistry,
  killDatabase,
  mendRegistry,
  refuseRegistry,
  refuseSocket,
  reloadHaproxy,
} from "./wreck.ts";

/** What Slipway works with fails: registry, balancer, database. */
export const partCases: readonly FaultCase[] = [
  {
    name: "the registry is down when the image is pushed",
    fault: ({ lab }) => lab.powerOff("registry"),
    heal: { do: ({ lab }) => lab.powerOn("registry") },
    expected: [{ state: "build-failed", codes: ["registry.unreachable"], hosts: "old" }],
  },
  {
    name: "the registry refuses the hosts when they pull",
    fault: refuseRegistry,
    heal: { do: allowRegistry },
    expected: [{ state: "failed", codes: ["registry.unreachable"], hosts: "old" }],
  },
  {
    name: "the registry answers 500 when the hosts pull",
    fault: breakRegistry,
    heal: { do: mendRegistry },
    expected: [{ state: "failed", codes: ["registry.unreachable"], hosts: "old" }],
  },
  {
    name: "HAProxy's socket refuses while web-2 is checked: it is waited for",
    when: { host: "web-2", step: "check" },
    fault: refuseSocket,
    heal: { afterMs: 4_000, do: allowSocket },
    expected: [{ state: "succeeded", hosts: "new" }],
  },
  {
    name: "HAProxy is reloaded while web-2 is checked, and forgets what it was told",
    when: { host: "web-2", step: "check" },
    fault: reloadHaproxy,
    expected: [{ state: "succeeded", hosts: "new" }],
  },
  {
    name: "the database is killed while web-2 is checked",
    when: { host: "web-2", step: "check" },
    fault: killDatabase,
    expected: [{ state: "succeeded", hosts: "new" }],
  },
];
