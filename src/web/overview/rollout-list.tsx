import { isOpen, pauseReason } from "#contract/rollout-words.ts";
import type { RolloutShape } from "#contract/shapes.ts";
import { Moment } from "../parts/moment.tsx";
import { StateDot } from "../parts/state-mark.tsx";
import { useRollout } from "../queries.ts";
import { rolloutAddress } from "../route.ts";
import { type Look, rolloutLook, rolloutLooks } from "../states.ts";
import { receiptText } from "../words.ts";
import styles from "./list.module.css";
import { Shortened } from "./shortened.tsx";

/** Rollouts, newest first, each with what its receipt proves. */
export function RolloutList({ rollouts }: { rollouts: readonly RolloutShape[] }) {
  return (
    <Shortened items={rollouts} what="rollouts">
      {(rollout) =>
        isOpen(rollout.state) ? (
          <OpenRow key={rollout.id} rollout={rollout} />
        ) : (
          <Row key={rollout.id} rollout={rollout} look={rolloutLooks[rollout.state]} />
        )
      }
    </Shortened>
  );
}

/** Only its timeline tells that it waits for a person; the strip of its group has read that already. */
function OpenRow({ rollout }: { rollout: RolloutShape }) {
  const { data } = useRollout(rollout.id);
  return <Row rollout={rollout} look={data ? rolloutLook(data) : rolloutLooks[rollout.state]} />;
}

function Row({ rollout, look }: { rollout: RolloutShape; look: Look }) {
  const { id, number, service, release, environment, reason, createdAt, endedAt } = rollout;
  return (
    <li className={styles.row}>
      <StateDot look={look} />
      <div className={styles.text}>
        <a href={rolloutAddress(id)}>
          {service} r{release}
        </a>{" "}
        to {environment}
        {reasonWords[reason]} <span className="soft">#{number}</span>
        <p className={styles.more}>{moreOf(rollout, look)}</p>
      </div>
      <span className={styles.when}>
        <Moment at={endedAt ?? createdAt} />
      </span>
    </li>
  );
}

const reasonWords: Readonly<Record<RolloutShape["reason"], string>> = {
  commit: "",
  deploy: "",
  rollback: ", roll back",
  join: ", joining",
  correct: ", correction",
};

function moreOf({ state, error, receipt, by, pause, supersededBy }: RolloutShape, look: Look): string {
  if (pause) return `${look.word}: ${pauseReason(pause)}`;
  if (supersededBy !== undefined) return `a newer commit took over: #${supersededBy} went on with its hosts`;
  const word = state === "succeeded" ? "" : look.word;
  const proof = receipt ? receiptText(receipt) : error ? error.message : by;
  return [word, proof].filter(Boolean).join(": ");
}
