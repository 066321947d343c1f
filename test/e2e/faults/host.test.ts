import { describeFaults } from "./describe-faults.ts";
import { hostCases } from "./host-cases.ts";

describeFaults("faults of the host under traffic", hostCases);
