import type { SlipwayError } from "#core/errors.ts";
import type { ServerLog } from "./server-log.ts";

/** Two servers on one database would both act: the one that lost it stops, and leaves what runs to the other. */
export const endBecause = (log: ServerLog) => (error: SlipwayError) => {
  log.error(`${error.message} This one stops.`);
  process.kill(process.pid, "SIGTERM");
};
