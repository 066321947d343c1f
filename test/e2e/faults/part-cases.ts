import { setTimeout as wait } from "node:timers/promises";
import type { FaultCase } from "./fault-case.ts";
import {
  allowRegistry,
  allowSocket,
  breakRegistry,
  killDatabase,
  killHaproxy,
  mendRegistry,
  refuseRegistry,
  refuseSocket,
  reloadHaproxy,
  startHaproxy,
} from "./wreck.ts";

const momentMs = 250;

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
    name: "HAProxy's socket refuses for moments, again and again, while web-2 is replaced",
    when: { host: "web-2", step: "replace" },
    async fault(stage) {
      for (let times = 0; times < 4; times++) {
        await refuseSocket(stage);
        await wait(momentMs);
        await allowSocket(stage);
        await wait(momentMs);
      }
    },
    expected: [{ state: "succeeded", hosts: "new" }],
  },
  {
    name: "HAProxy is killed while web-2 is checked, and started a moment later: it has forgotten what it was told",
    when: { host: "web-2", step: "check" },
    fault: killHaproxy,
    heal: { afterMs: 300, do: startHaproxy },
    expected: [{ state: "succeeded", hosts: "new", isBalancerAway: true }],
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
  {
    name: "the database is killed while web-2 is drained",
    when: { host: "web-2", step: "drain" },
    fault: killDatabase,
    expected: [{ state: "succeeded", hosts: "new" }],
  },
];
