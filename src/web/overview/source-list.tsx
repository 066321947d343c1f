import type { SourceShape } from "#contract/shapes.ts";
import { call } from "../api.ts";
import { ChangeButton } from "../changes/change-button.tsx";
import { Moment } from "../parts/moment.tsx";
import { StateDot } from "../parts/state-mark.tsx";
import type { Look } from "../states.ts";
import { counted, duration } from "../words.ts";
import styles from "./list.module.css";

/** Where commits come from, whether it answers, and when it is asked again. */
export function SourceList({ sources }: { sources: readonly SourceShape[] }) {
  return (
    <ul className={styles.list}>
      {sources.map((source) => (
        <Row key={source.name} source={source} />
      ))}
    </ul>
  );
}

function Row({ source }: { source: SourceShape }) {
  const { name, git, branches, error, failures } = source;
  return (
    <li className={styles.row} data-wraps>
      <StateDot look={lookOf(source)} />
      <div className={styles.text}>
        <b>{name}</b> <code className={`${styles.git} soft`}>{git}</code>
        <p className={styles.more}>
          {branches.join(", ")}; <Polling source={source} />
        </p>
        {error && (
          <p className={styles.problem}>
            {error} {failures > 1 && `(${counted(failures, "time")} in a row)`}
          </p>
        )}
      </div>
      <ChangeButton
        label="Look now…"
        title={`Look at ${name} now`}
        confirm="Look now"
        run={() => call("poll", { params: { name } })}
      >
        <p>
          The source is asked for new commits now instead of at its next poll. What is new on a watched branch is built.
        </p>
      </ChangeButton>
    </li>
  );
}

function Polling({ source: { lastSeenAt, nextPollAt, pollMs } }: { source: SourceShape }) {
  return (
    <>
      {lastSeenAt && (
        <>
          answered <Moment at={lastSeenAt} />,{" "}
        </>
      )}
      {nextPollAt ? (
        <>
          next poll <Moment at={nextPollAt} />
        </>
      ) : (
        `polled every ${duration(pollMs)}`
      )}
    </>
  );
}

function lookOf({ error, lastSeenAt }: SourceShape): Look {
  if (error !== undefined) return { tone: "bad", icon: "cross", word: "cannot be reached" };
  if (lastSeenAt === undefined) return { tone: "quiet", icon: "question", word: "not asked yet" };
  return { tone: "good", icon: "check", word: "answers" };
}
