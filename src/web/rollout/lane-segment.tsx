import type { Segment } from "../lanes.ts";
import { Icon } from "../parts/icon.tsx";
import { duration } from "../words.ts";
import styles from "./lane-segment.module.css";

/** As the style sheet has it: what was too short to be seen is drawn this wide, and never beyond the axis. */
const leastWidthPx = 3;

/** One try at one step. Its words are there for everybody; where they do not fit they are only not drawn. */
export function LaneSegment({ segment }: { segment: Segment }) {
  const { step, direction, state, attempt, left, width } = segment;
  const words = wordsOf(segment);
  return (
    <li
      className={styles.segment}
      style={{ left: `min(${left * 100}%, 100% - ${leastWidthPx}px)`, width: `${width * 100}%` }}
      data-step={step}
      data-direction={direction}
      data-state={state}
      title={words}
    >
      <span className={styles.label} aria-hidden="true">
        {state === "failed" && <Icon name="cross" size={12} />}
        {direction === "back" && state !== "failed" && <Icon name="back" size={12} />}
        <span className={styles.word}>
          {step}
          {attempt > 1 && <b> try {attempt}</b>}
        </span>
      </span>
      <span className="unseen">{words}</span>
    </li>
  );
}

const endings = {
  running: "so far",
  succeeded: "done",
  failed: "failed",
  interrupted: "interrupted, as the server was stopped",
} as const;

function wordsOf({ step, direction, state, attempt, ms }: Segment): string {
  const back = direction === "back" ? "put back: " : "";
  const again = attempt > 1 ? `, try ${attempt}` : "";
  return `${back}${step}${again}, ${duration(ms)}, ${endings[state]}`;
}
