import { pullWords } from "#contract/rollout-words.ts";
import type { PlanShape } from "#contract/shapes.ts";
import styles from "./plan-picture.module.css";

/** More hosts than this are drawn as a stretch, not one by one. */
const drawnHosts = 24;
const namedHosts = 8;
const shownBatches = 12;

type Batch = PlanShape["batches"][number];

/** The batches in their order, each with what stays in service while it is out. */
export function BatchList({ plan }: { plan: PlanShape }) {
  const { batches, strategy } = plan;
  const total = totalOf(plan);
  const more = batches.length - shownBatches;
  return (
    <ol className={styles.batches} aria-label="Batches">
      {batches.slice(0, shownBatches).map((batch, index) => (
        <li key={batch.hosts[0]?.name ?? index} className={styles.batch}>
          <span className={styles.batchName}>
            {strategy === "canary" && index === 0 ? "canary" : `batch ${index + 1}`}
          </span>
          <Hosts batch={batch} release={plan.release} />
          <Capacity inService={batch.inServiceMeanwhile} total={total} minHealthy={plan.minHealthy} />
        </li>
      ))}
      {more > 0 && <li className="soft">and {more} more like these</li>}
    </ol>
  );
}

const totalOf = ({ batches, upToDate, skipped }: PlanShape): number =>
  batches.reduce((sum, { hosts }) => sum + hosts.length, upToDate.length + skipped.length);

function Hosts({ batch: { hosts }, release }: { batch: Batch; release: number }) {
  const more = hosts.length - namedHosts;
  return (
    <ul className={styles.hosts}>
      {hosts.slice(0, namedHosts).map((host) => (
        <li key={host.name} className={styles.host}>
          <b>{host.name}</b> {host.from === undefined ? "new" : `r${host.from}`} → r{release}
          {host.pull && <span className="soft">{pullWords(host)}</span>}
        </li>
      ))}
      {more > 0 && <li className={styles.host}>and {more} more</li>}
    </ul>
  );
}

/** Squares for the hosts that serve meanwhile; the words say the same. */
function Capacity({ inService, total, minHealthy }: { inService: number; total: number; minHealthy: number }) {
  const isLow = inService < minHealthy;
  return (
    <span className={styles.capacity} data-tone={isLow ? "bad" : "good"}>
      {total <= drawnHosts ? (
        <span className={styles.squares} aria-hidden="true">
          {Array.from({ length: total }, (_, index) => (
            <span key={index} data-full={index < inService || undefined} />
          ))}
        </span>
      ) : (
        <span className={styles.stretch} aria-hidden="true">
          <span style={{ width: `${(100 * inService) / total}%` }} />
        </span>
      )}
      <span>
        {inService} of {total} in service
        {isLow && `, ${minHealthy} are asked for`}
      </span>
    </span>
  );
}
