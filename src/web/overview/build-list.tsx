import type { BuildShape } from "#contract/shapes.ts";
import { Moment, Took } from "../parts/moment.tsx";
import { StateDot } from "../parts/state-mark.tsx";
import { buildAddress } from "../route.ts";
import { buildLooks } from "../states.ts";
import { shortSha } from "../words.ts";
import styles from "./list.module.css";
import { Shortened } from "./shortened.tsx";

export function BuildList({ builds }: { builds: readonly BuildShape[] }) {
  return (
    <Shortened items={builds} what="builds">
      {(build) => <Row key={build.id} build={build} />}
    </Shortened>
  );
}

function Row({ build }: { build: BuildShape }) {
  const { id, state, commit, createdAt, startedAt, endedAt } = build;
  return (
    <li className={styles.row}>
      <StateDot look={buildLooks[state]} />
      <div className={styles.text}>
        <a href={buildAddress(id)}>
          <bdi>{commit.subject || shortSha(commit.sha)}</bdi>
        </a>
        <p className={styles.more}>{moreOf(build)}</p>
      </div>
      <span className={styles.when}>
        {endedAt ? <Moment at={endedAt} /> : startedAt ? <Took from={startedAt} /> : <Moment at={createdAt} />}
      </span>
    </li>
  );
}

function moreOf({ number, commit, service, source, release, state, steps, error }: BuildShape): string {
  const running = steps.find((step) => step.state === "running");
  const end = release === undefined ? (error?.message ?? running?.name ?? buildLooks[state].word) : `r${release}`;
  return `#${number} ${service ?? source}, ${commit.branch} ${shortSha(commit.sha)}: ${end}`;
}
