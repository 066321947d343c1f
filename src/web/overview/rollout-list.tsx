import type { RolloutShape } from "#contract/shapes.ts";
import { isOpen } from "../lanes.ts";
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
        {reason === "rollback" && ", roll back"} <span className="soft">#{number}</span>
        <p className={styles.more}>{moreOf(rollout, look)}</p>
      </div>
      <span className={styles.when}>
        <Moment at={endedAt ?? createdAt} />
      </span>
    </li>
  );
}

function moreOf({ state, error, receipt, by }: RolloutShape, look: Look): string {
  const word = state === "succeeded" ? "" : look.word;
  const proof = receipt ? receiptText(receipt) : error ? error.message : by;
  return [word, proof].filter(Boolean).join(": ");
}
