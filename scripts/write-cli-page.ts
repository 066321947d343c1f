import { writeFileSync } from "node:fs";
import { cliPage } from "#cli/cli-page.ts";

// Run it after a change to src/cli/command-table.ts; a test keeps the page equal to the commands.
writeFileSync(new URL("../docs/reference/cli.md", import.meta.url), cliPage());
