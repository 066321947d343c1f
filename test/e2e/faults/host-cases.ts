import type { FaultCase } from "./fault-case.ts";

const powerOff =
  (name: string): FaultCase["fault"] =>
  ({ lab }) =>
    lab.powerOff(name);
const powerOn = (name: string): NonNullable<FaultCase["heal"]> => ({ do: ({ lab }) => lab.powerOn(name) });

/** A host or its engine fails. */
export const hostCases: readonly FaultCase[] = [
  {
    name: "web-3 loses its power before its turn, while it serves",
    when: { host: "web-1", step: "check" },
    fault: powerOff("web-3"),
    heal: powerOn("web-3"),
    expected: [
      { state: "failed", codes: ["capacity.lost", "host.unreachable"], hosts: "old", losesRequestsOn: "web-3" },
    ],
  },
  {
    name: "web-2 loses its power just when its drain begins",
    when: { host: "web-2", step: "drain" },
    fault: powerOff("web-2"),
    heal: powerOn("web-2"),
    // What it had taken before the drain may still be in flight.
    expected: [{ state: "stuck", codes: ["host.unreachable"], hosts: "old", losesRequestsOn: "web-2" }],
  },
  {
    name: "web-2 loses its power while it is drained and replaced",
    when: { host: "web-2", step: "replace" },
    fault: powerOff("web-2"),
    heal: powerOn("web-2"),
    expected: [{ state: "stuck", codes: ["host.unreachable"], hosts: "old" }],
  },
  {
    name: "web-1 loses its power after it was admitted, while it serves",
    when: { host: "web-2", step: "replace" },
    fault: powerOff("web-1"),
    heal: powerOn("web-1"),
    // It comes back with the release that was given up, so it stays out of traffic; a person deploys.
    expected: [
      {
        state: "stuck",
        codes: ["host.unreachable"],
        hosts: "old",
        except: { "web-1": "new" },
        outOfService: ["web-1"],
        losesRequestsOn: "web-1",
      },
      { state: "stuck", codes: ["host.unreachable"], hosts: "old", losesRequestsOn: "web-1" },
    ],
  },
  {
    name: "the engine of web-2 is killed while its release is checked",
    when: { host: "web-2", step: "check" },
    fault: ({ lab }) => lab.stopEngine("web-2"),
    heal: { afterMs: 4_000, do: ({ lab }) => lab.startEngine("web-2") },
    // The put back may meet the same dead engine: then web-2 keeps the new release, checked by nobody, without traffic.
    expected: [
      { state: "failed", codes: ["engine.unreachable"], hosts: "old" },
      {
        state: "stuck",
        codes: ["engine.unreachable"],
        hosts: "old",
        except: { "web-2": "new" },
        outOfService: ["web-2"],
      },
    ],
  },
];
