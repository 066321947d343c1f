import { writeFileSync } from "node:fs";
import { faultPage } from "./fault-page.ts";

// Run it after a change to the faults in test/e2e/faults; a test keeps the page equal to them.
writeFileSync(new URL("../docs/reference/faults.md", import.meta.url), faultPage());
