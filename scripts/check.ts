import { runChecks } from "./checks/run-checks.ts";
import { root } from "./tests/test-files.ts";

process.chdir(root);
const { ok } = await runChecks();
process.exitCode = ok ? 0 : 1;
