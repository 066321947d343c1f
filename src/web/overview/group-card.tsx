import type { GroupShape } from "#contract/shapes.ts";
import { DeployButton } from "../changes/deploy-button.tsx";
import { RollBackButton } from "../changes/roll-back-button.tsx";
import { CommitLine, commitOrigin } from "../parts/commit-line.tsx";
import { Moment } from "../parts/moment.tsx";
import { StateDot } from "../parts/state-mark.tsx";
import { rolloutAddress } from "../route.ts";
import { rolloutLooks } from "../states.ts";
import styles from "./group-card.module.css";
import { HostTile } from "./host-tile.tsx";
import { Readiness } from "./readiness.tsx";
import { RollingStrip } from "./rolling-strip.tsx";

/** One service in one environment: what is live, where it runs, what moves. */
export function GroupCard({ group }: { group: GroupShape }) {
  const { service, environment, hosts, liveRelease, rollout } = group;
  return (
    <article className={styles.card} aria-label={`${service} in ${environment}`}>
      <div className={styles.live}>
        <h3 className={styles.service}>{service}</h3>
        <Live group={group} />
        <div className={styles.buttons}>
          <DeployButton place={group} />
          {liveRelease !== undefined && <RollBackButton place={group} live={liveRelease} />}
        </div>
        <Readiness group={group} />
      </div>
      <ul className={styles.hosts} aria-label="Hosts">
        {hosts.map((host) => (
          <HostTile key={host.name} host={host} place={group} />
        ))}
      </ul>
      {rollout ? <RollingStrip rollout={rollout} /> : <LastRollout group={group} />}
    </article>
  );
}

function Live({ group: { liveRelease, liveCommit, liveSince } }: { group: GroupShape }) {
  if (liveRelease === undefined) return <p className={styles.nothing}>Nothing is live yet.</p>;
  return (
    <>
      <p className={styles.release}>
        <span className="unseen">Live release </span>r{liveRelease}
      </p>
      {liveCommit && <CommitLine commit={liveCommit} />}
      <p className={styles.origin}>
        {liveCommit && `${commitOrigin(liveCommit)}, `}
        {liveSince && (
          <>
            live since <Moment at={liveSince} />
          </>
        )}
      </p>
    </>
  );
}

/** Only when it tells something that the live release does not. */
function LastRollout({ group: { lastRollout } }: { group: GroupShape }) {
  if (!lastRollout || lastRollout.state === "succeeded") return null;
  const look = rolloutLooks[lastRollout.state];
  return (
    <div className={styles.strip} data-tone={look.tone}>
      <StateDot look={look} isSaid />
      <p className={styles.stripText}>
        <a href={rolloutAddress(lastRollout.id)}>
          Rollout {lastRollout.number} of r{lastRollout.release}
        </a>{" "}
        {look.word}
        {lastRollout.endedAt && (
          <span className="soft">
            {" "}
            <Moment at={lastRollout.endedAt} />
          </span>
        )}
        {lastRollout.supersededBy !== undefined && (
          <span className={styles.stripMore}>Rollout {lastRollout.supersededBy} went on with its hosts.</span>
        )}
        {lastRollout.error && lastRollout.supersededBy === undefined && (
          <span className={styles.stripMore}>{lastRollout.error.message}</span>
        )}
      </p>
    </div>
  );
}
