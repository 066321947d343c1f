import type { LabWish } from "../../../demo/lab-scene.ts";
import { clockCases } from "./clock-cases.ts";
import { diskCases, smallDisk } from "./disk-cases.ts";
import type { FaultCase } from "./fault-case.ts";
import { hostCases } from "./host-cases.ts";
import { networkCases } from "./network-cases.ts";
import { partCases } from "./part-cases.ts";
import { ownClock } from "./server-clock.ts";

export type FaultTable = { readonly cases: readonly FaultCase[]; readonly wish?: LabWish | undefined };

export const faultTables: readonly FaultTable[] = [
  { cases: networkCases },
  { cases: hostCases },
  { cases: partCases },
  { cases: diskCases, wish: smallDisk },
  { cases: clockCases, wish: ownClock },
];
