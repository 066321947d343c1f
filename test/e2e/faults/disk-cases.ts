import type { LabWish } from "../../../demo/lab-scene.ts";
import type { FaultCase } from "./fault-case.ts";
import { fillDisk, freeDisk } from "./wreck.ts";

const host = "web-4";

/** The engine of one host has a disk that can be filled. */
export const smallDisk: LabWish = { smallDisks: { [host]: "300m" } };

export const diskCases: readonly FaultCase[] = [
  {
    name: "the disk of web-4 is full before the image is pulled",
    fault: (stage) => fillDisk(stage, host),
    heal: { do: (stage) => freeDisk(stage, host) },
    expected: [{ state: "failed", codes: ["disk.full"], host, hosts: "old" }],
  },
  {
    name: "the disk of web-4 fills up after the pull, before its turn",
    when: { host: "web-2", step: "check" },
    fault: (stage) => fillDisk(stage, host),
    heal: { do: (stage) => freeDisk(stage, host) },
    expected: [{ state: "failed", codes: ["disk.full"], host, hosts: "old" }],
  },
];
