import type { GroupShape, ReadinessShape } from "#contract/shapes.ts";
import { Icon } from "../parts/icon.tsx";
import { useReadiness } from "../queries.ts";
import { counted, duration } from "../words.ts";
import styles from "./group-card.module.css";

/** Whether a roll back could begin this moment: a fact about the hosts, looked at now. */
export function Readiness({ group }: { group: GroupShape }) {
  const { data } = useReadiness(group);
  // While it moves, what the hosts hold changes by the second.
  if (!data || (group.rollout && group.rollout.state !== "paused")) return null;
  if (data.release === undefined) return <p className={styles.readiness}>No earlier good release to roll back to.</p>;
  return (
    <p className={styles.readiness} title={missing(data)}>
      <span data-tone={data.ready ? "good" : "warn"} className={styles.readinessMark}>
        <Icon name={data.ready ? "check" : "warning"} size={13} />
      </span>{" "}
      {verdictOf(data)}: {wordsOf(data)}
    </p>
  );
}

function verdictOf({ ready, refusals }: ReadinessShape): string {
  if (ready) return "Roll back ready";
  return refusals.length > 0 ? "Roll back refused now" : "Roll back possible";
}

function wordsOf({ release, hosts, expectedSeconds, refusals: [refusal] }: ReadinessShape): string {
  if (refusal) return refusal.reason;
  const holding = hosts.filter(({ holdsImage }) => holdsImage === true).length;
  const soon = expectedSeconds === undefined ? "" : `, about ${duration(expectedSeconds * 1_000)}`;
  const verb = holding === 1 ? "holds" : "hold";
  return `${holding} of ${counted(hosts.length, "host")} ${verb} r${release}${soon}`;
}

function missing({ hosts, refusals }: ReadinessShape): string | undefined {
  if (refusals.length > 0) return refusals.map(({ advice }) => advice).join(" ");
  const others = hosts.filter(({ holdsImage }) => holdsImage !== true);
  if (others.length === 0) return undefined;
  const words = others.map(({ name, holdsImage }) => `${name} ${holdsImage === false ? "must pull it" : "is unknown"}`);
  return words.join(", ");
}
