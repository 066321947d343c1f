import { Button } from "@mantine/core";
import { Card, Empty } from "./card.tsx";
import styles from "./log-card.module.css";
import { LogLine } from "./log-line.tsx";
import { scrollable } from "./scrollable.ts";
import { useLog } from "./use-log.ts";
import { lineHeightPx, useLogWindow } from "./use-log-window.ts";

/** Everything a build printed, as it prints it. Only the lines that are in sight are in the document. */
export function LogCard({ id, title }: { id: string; title: string }) {
  const { lines, dropped, isEnded, problem } = useLog(id);
  const { box, first, last, isFollowing, follow, onScroll } = useLogWindow(lines.length);
  return (
    <Card
      title={title}
      aside={
        !isFollowing && !isEnded ? (
          <Button size="compact-sm" variant="default" onClick={follow}>
            Follow the end
          </Button>
        ) : (
          <span className="soft">{isEnded ? `${lines.length.toLocaleString("en-US")} lines` : "following"}</span>
        )
      }
    >
      {problem && <p className={styles.problem}>The log could not be read: {problem}</p>}
      {dropped > 0 && <p className="soft">{dropped.toLocaleString("en-US")} earlier lines are not shown.</p>}
      {lines.length === 0 && <Empty>{isEnded ? "It printed nothing." : "Nothing was printed yet."}</Empty>}
      <section
        ref={box}
        className={styles.box}
        hidden={lines.length === 0}
        onScroll={onScroll}
        aria-label={`${title}, ${lines.length} lines`}
        {...scrollable}
      >
        <div style={{ height: lines.length * lineHeightPx }}>
          <div className={styles.window} style={{ transform: `translateY(${first * lineHeightPx}px)` }}>
            {lines.slice(first, last).map((line, index) => (
              <LogLine key={first + index} line={line} />
            ))}
          </div>
        </div>
      </section>
    </Card>
  );
}
