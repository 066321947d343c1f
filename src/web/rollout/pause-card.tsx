import { choiceWords, pauseReason } from "#contract/rollout-words.ts";
import type { RolloutShape } from "#contract/shapes.ts";
import { ChoiceButton } from "../changes/choice-buttons.tsx";
import { ErrorBox } from "../parts/error-box.tsx";
import { Icon } from "../parts/icon.tsx";
import { Moment } from "../parts/moment.tsx";
import styles from "./pause-card.module.css";

/** Why it waits for a person, what happened, and every way it can go on. */
export function PauseCard({ rollout }: { rollout: RolloutShape }) {
  const { pause } = rollout;
  if (!pause) return null;
  return (
    <section className={styles.card} aria-label="Paused">
      <h2 className={styles.title}>
        <Icon name="pause" size={22} /> Paused: {pauseReason(pause)}
      </h2>
      <p>
        Nothing more is touched until somebody chooses. It was paused <Moment at={pause.since} />, and is put back{" "}
        <Moment at={pause.until} /> if nobody does.
      </p>
      {pause.error ? <ErrorBox error={pause.error} title="What happened" /> : <p>{pause.message}</p>}
      <ul className={styles.choices} aria-label="Choices">
        {pause.choices.map((action, index) => (
          <li key={action}>
            <ChoiceButton rollout={rollout} action={action} isPrimary={index === 0} />
            <span>{choiceWords(action, pause)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
