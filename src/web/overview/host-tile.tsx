import type { HostShape } from "#contract/shapes.ts";
import { StateMark } from "../parts/state-mark.tsx";
import { hostLook } from "../states.ts";
import { absoluteTime, shortDigest } from "../words.ts";
import styles from "./host-tile.module.css";

/** One host: whether it gets traffic, and exactly what it runs. */
export function HostTile({ host, liveRelease }: { host: HostShape; liveRelease: number | undefined }) {
  const { name, address, release, digest, balancerState, problem, seenAt } = host;
  const isOther = release !== undefined && release !== liveRelease;
  return (
    <li className={styles.tile} title={seenAt && `${address}, seen ${absoluteTime(seenAt)}`}>
      <div className={styles.head}>
        <b className={styles.name}>{name}</b>
        <span className={styles.release} data-other={isOther || undefined}>
          {release === undefined ? "" : `r${release}`}
        </span>
      </div>
      <span title={balancerState && `The balancer says: ${balancerState}`}>
        <StateMark look={hostLook(host)} isPlain />
      </span>
      {digest && (
        <code className={styles.digest} title={digest}>
          {shortDigest(digest)}
        </code>
      )}
      {problem && <p className={styles.problem}>{problem}</p>}
    </li>
  );
}
