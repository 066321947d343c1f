import { pauseReason } from "#contract/rollout-words.ts";
import type { Overview } from "#contract/shapes.ts";
import { Icon } from "../parts/icon.tsx";
import { Moment } from "../parts/moment.tsx";
import { rolloutAddress } from "../route.ts";
import styles from "./paused-banner.module.css";

/** Above all else: nothing goes on there until somebody chooses. */
export function PausedBanner({ overview: { environments } }: { overview: Overview }) {
  const rollouts = environments.flatMap(({ groups }) => groups.flatMap(({ rollout }) => rollout ?? []));
  return rollouts.map(
    ({ id, number, service, environment, pause }) =>
      pause && (
        <p key={id} className={styles.banner} role="status">
          <Icon name="pause" size={20} />
          <span>
            <b>
              {service} in {environment} waits for a person.
            </b>{" "}
            <a href={rolloutAddress(id)}>Rollout {number}</a> was paused <Moment at={pause.since} />:{" "}
            {pauseReason(pause)}. It is put back <Moment at={pause.until} /> if nobody chooses.
          </span>
        </p>
      ),
  );
}
