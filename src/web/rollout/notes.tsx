import type { RolloutDetail } from "#contract/shapes.ts";
import { Icon } from "../parts/icon.tsx";
import { rolloutAddress } from "../route.ts";
import styles from "./notes.module.css";

/** What is not as one would expect of a rollout: planned again, hosts left out, another one took over. */
export function Notes({ detail: { rollout, timeline } }: { detail: RolloutDetail }) {
  const { excluded = [], supersededBy, onlyHosts } = rollout;
  const again = timeline.flatMap(({ step, message }) =>
    step === "plan" && message?.startsWith("planned again: ") ? message.slice("planned again: ".length) : [],
  );
  const skipped = rollout.plan?.skipped ?? [];
  if (again.length + excluded.length + skipped.length === 0 && !supersededBy && !onlyHosts) return null;
  return (
    <ul className={styles.notes} aria-label="Notes">
      {supersededBy !== undefined && (
        <Note>
          A newer commit was built meanwhile: <a href={rolloutAddress(String(supersededBy))}>rollout {supersededBy}</a>{" "}
          went on with these hosts after the batch that was under way. No host went back.
        </Note>
      )}
      {again.length > 0 && <Note>Planned again, not as it was shown: {again.join("; ")}.</Note>}
      {excluded.length > 0 && (
        <Note>
          Left out: {excluded.join(", ")} failed, and {excluded.length > 1 ? "run" : "runs"} what ran there before.
        </Note>
      )}
      {skipped.length > 0 && (
        <Note>
          Left out: {skipped.join(", ")} could not be reached, and {skipped.length > 1 ? "join" : "joins"} when back.
        </Note>
      )}
      {onlyHosts && <Note>Only for {onlyHosts.join(", ")}.</Note>}
    </ul>
  );
}

function Note({ children }: { children: React.ReactNode }) {
  return (
    <li className={styles.note} data-tone="warn">
      <Icon name="warning" size={15} />
      <span>{children}</span>
    </li>
  );
}
