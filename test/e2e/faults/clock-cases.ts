import type { FaultCase } from "./fault-case.ts";
import { setClock } from "./server-clock.ts";

const twoHoursS = 7_200;

const jumps = (aheadSeconds: number): Pick<FaultCase, "fault" | "heal"> => ({
  fault: (stage) => setClock(stage, aheadSeconds),
  heal: { do: (stage) => setClock(stage, 0) },
});

/** Somebody sets the clock of the machine that Slipway runs on. */
export const clockCases: readonly FaultCase[] = [
  {
    name: "the server's clock jumps two hours ahead while web-2 is checked",
    when: { host: "web-2", step: "check" },
    ...jumps(twoHoursS),
    expected: [{ state: "succeeded", hosts: "new" }],
  },
  {
    name: "the server's clock jumps two hours back while web-2 is checked",
    when: { host: "web-2", step: "check" },
    ...jumps(-twoHoursS),
    expected: [{ state: "succeeded", hosts: "new" }],
  },
];
