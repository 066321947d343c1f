import type { GroupShape, HostShape } from "#contract/shapes.ts";
import { CorrectButton } from "../changes/correct-button.tsx";
import { Icon } from "../parts/icon.tsx";
import { Moment } from "../parts/moment.tsx";
import { StateMark } from "../parts/state-mark.tsx";
import { hostLook } from "../states.ts";
import { absoluteTime, shortDigest } from "../words.ts";
import styles from "./host-tile.module.css";

/** One host: whether it gets traffic, and exactly what it runs. */
export function HostTile({ host, place }: { host: HostShape; place: GroupShape }) {
  const { name, address, release, digest, balancerState, problem, seenAt } = host;
  const isOther = release !== undefined && release !== place.liveRelease;
  return (
    <li
      className={styles.tile}
      data-drifted={host.drift && !problem ? true : undefined}
      title={seenAt && `${address}, seen ${absoluteTime(seenAt)}`}
    >
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
      {!problem && <Drift host={host} place={place} />}
    </li>
  );
}

/** What differs from what should run there; what somebody set at a balancer is theirs to undo. */
function Drift({ host: { name, drift }, place }: { host: HostShape; place: GroupShape }) {
  if (!drift) return null;
  const canBeCorrected = drift.kind === "release" || drift.kind === "stopped";
  return (
    <div className={styles.drift} data-tone="warn">
      <p>
        <Icon name="warning" size={13} /> drifted: {drift.message}, since <Moment at={drift.since} />
      </p>
      {canBeCorrected && !place.rollout && <CorrectButton place={place} host={name} />}
    </div>
  );
}
