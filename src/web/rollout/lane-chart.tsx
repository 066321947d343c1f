import type { ReactNode } from "react";
import { isOpen } from "#contract/rollout-words.ts";
import type { RolloutDetail } from "#contract/shapes.ts";
import { type Lane, type Lanes, layLanes } from "../lanes.ts";
import { Card, Empty } from "../parts/card.tsx";
import { StateMark } from "../parts/state-mark.tsx";
import { quarter, second, useNow } from "../server-clock.ts";
import { laneLooks } from "../states.ts";
import { duration } from "../words.ts";
import styles from "./lane-chart.module.css";
import { LaneSegment } from "./lane-segment.tsx";
import { Legend } from "./legend.tsx";
import { StrategyNote } from "./strategy-note.tsx";

type LaneChartProps = {
  detail: RolloutDetail;
  /** A moment that is over, on the time axis of the whole. */
  replay?: { atMs: number; of: RolloutDetail };
  children?: ReactNode;
};

/** A lane for each host over one time axis; what runs grows as it runs. */
export function LaneChart({ detail, replay, children }: LaneChartProps) {
  const now = useNow(isOpen(detail.rollout.state) && !replay ? quarter : second);
  const chart = replay ? layLanes(detail, replay.atMs, layLanes(replay.of, now)) : layLanes(detail, now);
  if (chart.lanes.length === 0) return null;
  return (
    <Card title="Hosts" aside={<Legend lanes={chart.lanes} />}>
      {detail.hosts.length === 0 && <Empty>The plan will say which hosts it touches.</Empty>}
      <StrategyNote detail={detail} />
      <div className={styles.chart}>
        <Axis chart={chart} />
        <ul className={styles.lanes}>
          {chart.lanes.map((lane) => (
            <LaneRow key={lane.host ?? ""} lane={lane} chart={chart} />
          ))}
        </ul>
      </div>
      {children}
    </Card>
  );
}

function Axis({ chart: { ticks } }: { chart: Lanes }) {
  return (
    <div className={styles.axis} aria-hidden="true">
      <div className={styles.track}>
        {ticks.map(({ ms, left }) => (
          <span key={ms} className={styles.tick} style={{ left: percent(left) }} data-late={left > 0.93 || undefined}>
            {ms === 0 ? "0" : duration(ms).replace(/\.0 s$/, " s")}
          </span>
        ))}
      </div>
    </div>
  );
}

function LaneRow({ lane, chart }: { lane: Lane; chart: Lanes }) {
  const name = lane.host ?? "whole rollout";
  return (
    <li className={styles.lane} data-lane={name}>
      <div className={styles.head}>
        <span className={styles.name}>
          <b>{name}</b>
          {lane.isCanary && <span className={styles.canary}> canary</span>}
        </span>
        {lane.host !== undefined && <StateMark look={laneLooks[lane.state]} isPlain />}
      </div>
      <div className={styles.track} data-size={lane.host === undefined ? "thin" : "full"}>
        {chart.ticks.map(({ ms, left }) => (
          <span key={ms} className={styles.grid} style={{ left: percent(left) }} />
        ))}
        <ol className={styles.segments} aria-label={`Steps of ${name}`}>
          {lane.segments.map((segment, index) => (
            // A step that is tried again after a pause has the same name and try: its place in the row is its own.
            <LaneSegment key={`${index} ${segment.step}`} segment={segment} />
          ))}
        </ol>
      </div>
      {lane.message && <p className={styles.message}>{lane.message}</p>}
    </li>
  );
}

const percent = (share: number): string => `${share * 100}%`;
