import { describeFaults } from "./describe-faults.ts";
import { partCases } from "./part-cases.ts";

describeFaults("faults of the part under traffic", partCases);
