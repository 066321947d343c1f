import { writeFileSync } from "node:fs";
import { errorPage } from "./error-page.ts";

// Run it after a change to src/core/errors.ts; a test keeps the page equal to the registry.
writeFileSync(new URL("../docs/reference/errors.md", import.meta.url), errorPage());
