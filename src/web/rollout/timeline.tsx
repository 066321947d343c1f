import type { TimelineEventShape } from "#contract/shapes.ts";
import { Folded } from "../parts/folded.tsx";
import { scrollable } from "../parts/scrollable.ts";
import { absoluteTime, counted } from "../words.ts";
import { sentence } from "./event-words.ts";
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
