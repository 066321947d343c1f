import type { RolloutDetail } from "#contract/shapes.ts";
import { StateMark } from "../parts/state-mark.tsx";
import { strategyNote } from "../strategy-note.ts";
import styles from "./lane-chart.module.css";

/** What a strategy adds to the lanes: the verdict on a canary, the switch of blue-green. */
export function StrategyNote({ detail }: { detail: RolloutDetail }) {
  const note = strategyNote(detail);
  if (!note) return null;
  return (
    <p className={styles.note}>
      <StateMark look={note.look} /> {note.words}
    </p>
  );
}
