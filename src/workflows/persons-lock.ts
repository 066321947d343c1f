import type { Hold } from "#ports/records.ts";
import type { World } from "#workflows/world.ts";

/** The lock that a person holds on the place now. */
export const personsLock = async (
  world: World,
  { service, environment }: { service: string; environment: string },
): Promise<Hold | undefined> =>
  (await world.holds.all()).find(
    (hold) =>
      hold.kind === "environment-lock" &&
      hold.rolloutId === "" &&
      hold.service === service &&
      hold.environment === environment &&
      Date.parse(hold.until) > world.clock.now(),
  );

/** Who locked it, and why, for those who are refused. */
export const lockWords = ({ by = "somebody", reason, until }: Hold): string =>
  `${by}${reason ? ` (${reason})` : ""} until ${until}`;
