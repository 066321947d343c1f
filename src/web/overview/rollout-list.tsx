import type { RolloutShape } from "#contract/shapes.ts";
import { Moment } from "../parts/moment.tsx";
import { StateDot } from "../parts/state-mark.tsx";
import { rolloutAddress } from "../route.ts";
import { rolloutLooks } from "../states.ts";
import { receiptText } from "../words.ts";
import styles from "./list.module.css";
import { Shortened } from "./shortened.tsx";

/** Rollouts, newest first, each with what its receipt proves. */
export function RolloutList({ rollouts }: { rollouts: readonly RolloutShape[] }) {
  return (
    <Shortened items={rollouts} what="rollouts">
      {(rollout) => <Row key={rollout.id} rollout={rollout} />}
    </Shortened>
  );
}

function Row({ rollout }: { rollout: RolloutShape }) {
  const { id, number, service, release, environment, reason, state, createdAt, endedAt } = rollout;
  return (
    <li className={styles.row}>
      <StateDot look={rolloutLooks[state]} />
      <div className={styles.text}>
        <a href={rolloutAddress(id)}>
          {service} r{release}
        </a>{" "}
        to {environment}
        {reason === "rollback" && ", roll back"} <span className="soft">#{number}</span>
        <p className={styles.more}>{moreOf(rollout)}</p>
      </div>
      <span className={styles.when}>
        <Moment at={endedAt ?? createdAt} />
      </span>
    </li>
  );
}

function moreOf({ state, error, receipt, by }: RolloutShape): string {
  const word = state === "succeeded" ? "" : rolloutLooks[state].word;
  const proof = receipt ? receiptText(receipt) : error ? error.message : by;
  return [word, proof].filter(Boolean).join(": ");
}
