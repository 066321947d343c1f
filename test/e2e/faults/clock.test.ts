import { clockCases } from "./clock-cases.ts";
import { describeFaults } from "./describe-faults.ts";
import { ownClock } from "./server-clock.ts";

describeFaults("faults of the clock under traffic", clockCases, ownClock);
