import type { Look } from "../states.ts";
import { Icon } from "./icon.tsx";
import styles from "./state-mark.module.css";

/** A state as icon and word, in its tone. `isPlain` leaves out the ground, for lists of many. */
export function StateMark({ look, isPlain = false }: { look: Look; isPlain?: boolean }) {
  return (
    <span className={styles.mark} data-tone={look.tone} data-plain={isPlain || undefined}>
      <Icon name={look.icon} size={14} />
      {look.word}
    </span>
  );
}

/** Icon alone, the word for those who cannot see it. `isSaid`: the text beside it says the word already. */
export function StateDot({ look, isSaid = false }: { look: Look; isSaid?: boolean }) {
  return (
    <span className={styles.dot} data-tone={look.tone} title={look.word}>
      <Icon name={look.icon} size={14} />
      {!isSaid && <span className="unseen">{look.word}</span>}
    </span>
  );
}
