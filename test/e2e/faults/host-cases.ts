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
    // Another host taken out would be one too many: a person is asked, brings the host back, and lets it go on.
    choose: "retry",
    expected: [{ state: "succeeded", hosts: "new", losesRequestsOn: "web-3" }],
  },
  {
    name: "web-2 loses its power just when its drain begins",
    when: { host: "web-2", step: "drain" },
    fault: powerOff("web-2"),
    heal: powerOn("web-2"),
    // What it had taken before the drain may still be in flight. Putting web-1 back as well would be one host too many.
    expected: [
      {
        state: "stuck",
        codes: ["host.unreachable"],
        hosts: "old",
        except: { "web-1": "new" },
        losesRequestsOn: "web-2",
      },
    ],
  },
  {
    name: "web-2 loses its power while it is drained and replaced",
    when: { host: "web-2", step: "replace" },
    fault: powerOff("web-2"),
    heal: powerOn("web-2"),
    // A stop that was on its way when the power went reaches it when the power is back, or is refused by a newer turn.
    expected: [
      { state: "stuck", codes: ["host.unreachable"], hosts: "old", except: { "web-1": "new" } },
      {
        state: "stuck",
        codes: ["host.unreachable"],
        hosts: "old",
        except: { "web-1": "new", "web-2": "none" },
        outOfService: ["web-2"],
      },
    ],
  },
  {
    name: "web-1 loses its power after it was admitted, while it serves",
    when: { host: "web-2", step: "replace" },
    fault: powerOff("web-1"),
    heal: powerOn("web-1"),
    choose: "retry",
    expected: [{ state: "succeeded", hosts: "new", losesRequestsOn: "web-1" }],
  },
  {
    name: "the engine of web-2 is killed while its release is checked",
    when: { host: "web-2", step: "check" },
    fault: ({ lab }) => lab.stopEngine("web-2"),
    heal: { afterMs: 4_000, do: ({ lab }) => lab.startEngine("web-2") },
    // The put back waits for the engine.
    expected: [{ state: "failed", codes: ["engine.unreachable"], hosts: "old" }],
  },
];
