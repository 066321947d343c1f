import { formatBytes } from "#core/bytes.ts";
import type { PauseShape, PlanShape, RolloutShape, SteerAction, TimelineEventShape } from "./shapes.ts";

/** What people read of a rollout, the same at the command line and on the page. Without zod: the browser loads it. */

const openStates: readonly RolloutShape["state"][] = ["waiting", "running", "paused"];

/** Whether something will still happen to a rollout in that state. */
export const isOpen = (state: RolloutShape["state"]): boolean => openStates.includes(state);

/** The hosts that failed on their way forward: of each a bundle was kept. */
export const failedHosts = (
  timeline: readonly Pick<TimelineEventShape, "host" | "phase" | "direction">[],
): readonly string[] => [
  ...new Set(
    timeline.flatMap(({ host, phase, direction }) =>
      host !== undefined && phase === "failed" && direction === "forward" ? [host] : [],
    ),
  ),
];

/** Why it is paused, in a few words. */
export const pauseReason = ({ why, hosts }: Pick<PauseShape, "why" | "hosts">): string => {
  switch (why) {
    case "asked":
      return "a person asked for a pause";
    case "not-measured":
      return "the canary could not be judged";
    case "failure":
      return hosts.length > 0 ? `${named(hosts)} failed` : "it cannot go on by itself";
  }
  return why satisfies never;
};

/** What happens when that is chosen, as the rest of a sentence that begins with the choice. */
export const choiceWords = (action: SteerAction, { why, hosts }: Pick<PauseShape, "why" | "hosts">): string => {
  switch (action) {
    case "retry":
      if (why === "not-measured") return "watch the canary once more, and judge again";
      return hosts.length > 0 ? `try ${named(hosts)} again` : "try again what failed, and go on if it is well now";
    case "exclude":
      if (hosts.length === 0) return "put the hosts you name back to what ran there, and go on without them";
      return `put ${named(hosts)} back to what ran there, and go on without ${hosts.length > 1 ? "them" : "it"}`;
    case "continue":
      if (why === "asked") return "go on where it is";
      return hosts.length > 0 ? "go on with the other hosts all the same" : "go on all the same";
    case "put-back":
      return "put back every host that was changed, newest first, and end";
    case "roll-back":
      return "end, and begin a roll back of every host to the release that was live before";
    case "abort":
      return "end, and leave every host exactly as it is now";
  }
  return action satisfies never;
};

/** `web-1`, `web-1 and web-2`, `web-1, web-2 and 7 more`. */
export const named = (hosts: readonly string[]): string => {
  const [first = "no host", second] = hosts;
  if (second === undefined) return first;
  return hosts.length === 2 ? `${first} and ${second}` : `${first}, ${second} and ${hosts.length - 2} more`;
};

/** `, pulls at most 20.0 MiB, 3.1 GiB of disk free`: what a plan says of a host that does not hold the image. */
export const pullWords = ({ pull, pullBytes, freeBytes }: PlanShape["batches"][number]["hosts"][number]): string => {
  if (!pull) return "";
  const free = freeBytes === undefined ? "" : `, ${formatBytes(freeBytes)} of disk free`;
  return `, pulls ${pullBytes === undefined ? "the image" : `at most ${formatBytes(pullBytes)}`}${free}`;
};

export const strategyWords: Readonly<Record<"rolling" | "canary" | "blue-green" | "all-at-once", string>> = {
  rolling: "one batch after the other",
  canary: "the first hosts are watched and judged, then the others follow",
  "blue-green": "beside the old on every host, then one switch at the balancer",
  "all-at-once": "every host together",
};
