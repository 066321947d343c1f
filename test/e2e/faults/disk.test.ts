import { describeFaults } from "./describe-faults.ts";
import { diskCases, smallDisk } from "./disk-cases.ts";

describeFaults("a full disk under traffic", diskCases, smallDisk);
