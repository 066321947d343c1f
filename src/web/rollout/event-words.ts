import type { TimelineEventShape } from "#contract/shapes.ts";

/** One line of the timeline as a sentence. */
export function sentence({ host, direction, step, phase, attempt, message, error }: TimelineEventShape): string {
  const back = direction === "back" ? "put back: " : "";
  const again = attempt > 1 ? ` (try ${attempt})` : "";
  const said = message ?? error?.message;
  return `${host ? `${host} ` : ""}${back}${step} ${phase}${again}${said ? `: ${said}` : ""}`;
}
