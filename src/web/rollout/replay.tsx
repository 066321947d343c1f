import { type KeyboardEvent, useState } from "react";
import type { RolloutDetail } from "#contract/shapes.ts";
import { duration } from "../words.ts";
import { sentence } from "./event-words.ts";
import { LaneChart } from "./lane-chart.tsx";
import styles from "./replay.module.css";
import { momentAt, stateAt, stepped } from "./state-at.ts";

/** The lanes, and below them a way back through everything that was recorded. Undefined: as it is now. */
export function Replay({ detail }: { detail: RolloutDetail }) {
  const [seq, setSeq] = useState<number>();
  const shown = seq === undefined ? detail : stateAt(detail, seq);
  return (
    <LaneChart detail={shown} {...(seq === undefined ? {} : { replay: { atMs: momentAt(detail, seq), of: detail } })}>
      {detail.timeline.length > 1 && <Steps detail={detail} seq={seq} onSeq={setSeq} />}
    </LaneChart>
  );
}

const page = 10;

type StepsProps = { detail: RolloutDetail; seq: number | undefined; onSeq: (seq: number | undefined) => void };

function Steps({ detail, seq, onSeq }: StepsProps) {
  const { timeline } = detail;
  const last = timeline.length - 1;
  const index =
    seq === undefined
      ? last
      : Math.max(
          0,
          timeline.findLastIndex((event) => event.seq <= seq),
        );
  const event = timeline[index];
  const go = (by: number) => onSeq(stepped(detail, event?.seq ?? 0, by));
  const onKeyDown = (key: KeyboardEvent) => {
    const by = { PageUp: -page, PageDown: page }[key.key];
    if (by !== undefined) {
      key.preventDefault();
      go(by);
    } else if (key.key === "Escape") onSeq(undefined);
  };
  const words = event ? `${since(detail, event.at)}: ${sentence(event)}` : "";
  return (
    <section className={styles.replay} aria-label="Replay">
      <div className={styles.controls}>
        <button type="button" onClick={() => go(-1)} disabled={index === 0} aria-label="Step back">
          ‹
        </button>
        <input
          type="range"
          min={0}
          max={last}
          value={index}
          aria-label="Step of the timeline"
          aria-valuetext={words}
          onChange={({ target }) => onSeq(timeline[Number(target.value)]?.seq)}
          onKeyDown={onKeyDown}
        />
        <button type="button" onClick={() => go(1)} disabled={index === last} aria-label="Step forward">
          ›
        </button>
        <button type="button" onClick={() => onSeq(undefined)} disabled={seq === undefined}>
          Now
        </button>
      </div>
      <p className={styles.words}>
        {seq === undefined ? "Replay: step back through what was recorded." : `${index + 1} of ${last + 1}, ${words}`}
      </p>
    </section>
  );
}

const since = ({ rollout, timeline }: RolloutDetail, at: string): string =>
  duration(Date.parse(at) - Date.parse(timeline[0]?.at ?? rollout.createdAt));
