import { pauseReason } from "#contract/rollout-words.ts";
import type { RolloutDetail, RolloutShape } from "#contract/shapes.ts";
import { ChoiceButtons } from "../changes/choice-buttons.tsx";
import { type LaneState, layLanes, progressOf } from "../lanes.ts";
import { StateDot } from "../parts/state-mark.tsx";
import { useRollout } from "../queries.ts";
import { rolloutAddress } from "../route.ts";
import { rolloutLook, rolloutLooks, waitsForApproval } from "../states.ts";
import { trafficText } from "../words.ts";
import styles from "./group-card.module.css";

/** The rollout that runs or waits now, in two lines and a bar with a part for each host. */
export function RollingStrip({ rollout }: { rollout: RolloutShape }) {
  const { data } = useRollout(rollout.id);
  const look = data ? rolloutLook(data) : rolloutLooks[rollout.state];
  return (
    <div className={styles.strip} data-tone={look.tone} data-paused={rollout.pause ? true : undefined}>
      <StateDot look={look} isSaid />
      <div className={styles.rolling}>
        <div className={styles.rollingHead}>
          <span>
            <a href={rolloutAddress(rollout.id)}>
              Rollout {rollout.number} to r{rollout.release}
            </a>{" "}
            <span className="soft">{data ? nowText(data) : ""}</span>
          </span>
          {data?.traffic && <span className="soft numbers">{trafficText(data.traffic)}</span>}
        </div>
        {data && data.hosts.length > 0 && <HostBar detail={data} />}
        {rollout.pause && (
          <>
            <p className={styles.stripMore}>{rollout.pause.message}</p>
            <div className={styles.choices}>
              <ChoiceButtons rollout={rollout} />
            </div>
          </>
        )}
      </div>
    </div>
  );
}

function nowText(detail: RolloutDetail): string {
  if (detail.rollout.state === "waiting") return "waits for the one before it";
  if (detail.rollout.pause) return `paused: ${pauseReason(detail.rollout.pause)}`;
  if (waitsForApproval(detail)) return "waits for approval";
  const { done, total, now } = progressOf(detail);
  const doneText = total === 0 ? "" : `${done} of ${total} hosts done`;
  return [now, doneText].filter(Boolean).join(", ");
}

const parts: Readonly<Record<LaneState, string>> = {
  waits: "waits",
  untouched: "waits",
  "up to date": "done",
  "left out": "waits",
  beside: "busy",
  running: "busy",
  released: "done",
  "putting back": "back",
  "put back": "back",
  failed: "failed",
};

function HostBar({ detail }: { detail: RolloutDetail }) {
  const { lanes } = layLanes(detail, 0);
  const { done, total } = progressOf(detail);
  return (
    <div
      className={styles.bar}
      role="progressbar"
      aria-label={`Rollout ${detail.rollout.number}`}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={done}
      aria-valuetext={`${done} of ${total} hosts done`}
    >
      {lanes
        .filter((lane) => lane.host !== undefined)
        .map((lane) => (
          <span
            key={lane.host}
            className={styles.part}
            data-state={parts[lane.state]}
            title={`${lane.host}: ${lane.state}`}
          />
        ))}
    </div>
  );
}
