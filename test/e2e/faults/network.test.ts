import { describeFaults } from "./describe-faults.ts";
import { networkCases } from "./network-cases.ts";

describeFaults("faults of the network under traffic", networkCases);
