import type { TimelineEventShape } from "#contract/shapes.ts";
import { Folded } from "../parts/folded.tsx";
import { scrollable } from "../parts/scrollable.ts";
import { absoluteTime, counted } from "../words.ts";
import styles from "./timeline.module.css";

/** The timeline is for looking closely; the latest are what one looks for. */
const shownEvents = 500;

const marks = { started: "…", progress: "·", succeeded: "✓", failed: "✗" } as const;

/** Every recorded line, newest last, folded away until somebody wants it. */
export function Timeline({ events }: { events: readonly TimelineEventShape[] }) {
  return (
    <Folded title="Timeline" aside={counted(events.length, "event")}>
      <ol className={styles.list} {...scrollable}>
        {events.slice(-shownEvents).map((event) => (
          <li key={event.seq} data-phase={event.phase}>
            <time dateTime={event.at} title={absoluteTime(event.at)}>
              {event.at.slice(11, 23)}
            </time>
            <span aria-hidden="true">{marks[event.phase]}</span>
            <span>{sentence(event)}</span>
          </li>
        ))}
      </ol>
    </Folded>
  );
}

function sentence({ host, direction, step, phase, attempt, message, error }: TimelineEventShape): string {
  const back = direction === "back" ? "put back: " : "";
  const again = attempt > 1 ? ` (try ${attempt})` : "";
  const said = message ?? error?.message;
  return `${host ? `${host} ` : ""}${back}${step} ${phase}${again}${said ? `: ${said}` : ""}`;
}
