import type { BuildShape } from "#contract/shapes.ts";
import { useTitle } from "../parts/announcer.tsx";
import { Card, Empty } from "../parts/card.tsx";
import { ErrorBox } from "../parts/error-box.tsx";
import { LogCard } from "../parts/log-card.tsx";
import { Moment, Took } from "../parts/moment.tsx";
import { Outdated, ReadState } from "../parts/read-state.tsx";
import { ViewHead } from "../parts/view-head.tsx";
import { useBuild } from "../queries.ts";
import { buildLooks } from "../states.ts";
import { shortDigest } from "../words.ts";
import styles from "./build-view.module.css";
import { FailingTests } from "./failing-tests.tsx";
import { StepList } from "./step-list.tsx";

const signs = { waiting: "○", running: "●", succeeded: "✓", failed: "✗" } as const;

/** One run of a repository's pipeline: how far it is, what went wrong, everything it printed. */
export function BuildView({ id }: { id: string }) {
  const { data: build, error } = useBuild(id);
  useTitle(build ? `${signs[build.state]} Build ${build.number} ${buildLooks[build.state].word}` : "");
  if (!build) return <ReadState error={error} what={`build ${id}`} />;
  return (
    <div className={styles.view}>
      <Outdated error={error} />
      <ViewHead
        title={`Build ${build.number} of ${build.service ?? build.source}`}
        look={buildLooks[build.state]}
        commit={build.commit}
      >
        <Facts build={build} />
      </ViewHead>
      {build.error && <ErrorBox error={build.error} title="The build failed" />}
      <FailingTests steps={build.steps} />
      <div className={styles.columns}>
        <Card title="Steps">
          {build.steps.length === 0 ? <NoStep build={build} /> : <StepList build={build} />}
          <Outcome build={build} />
        </Card>
        <LogCard id={build.id} title="Log" />
      </div>
    </div>
  );
}

function Facts({ build: { createdAt, startedAt, endedAt } }: { build: BuildShape }) {
  return (
    <>
      seen <Moment at={createdAt} />
      {startedAt && (
        <>
          , {endedAt ? "took" : "runs for"} <Took from={startedAt} to={endedAt} />
        </>
      )}
    </>
  );
}

function NoStep({ build: { state } }: { build: BuildShape }) {
  if (state === "waiting")
    return <Empty>It waits for a runner. Its steps are known once its slipway.yaml was read.</Empty>;
  if (state === "running") return <Empty>Checking out the commit and reading its slipway.yaml.</Empty>;
  return <Empty>It ended before its first step.</Empty>;
}

function Outcome({ build: { image, imageReused, release, remarks } }: { build: BuildShape }) {
  if (!image && remarks.length === 0) return null;
  return (
    <ul className={styles.outcome}>
      {image && (
        <li>
          {release !== undefined && <b>Release r{release}: </b>}
          <code title={`${image.repository}@${image.digest}`}>
            {image.repository}@{shortDigest(image.digest)}
          </code>
          {imageReused && " (was in the registry already)"}
        </li>
      )}
      {remarks.map((remark) => (
        <li key={remark}>{remark}</li>
      ))}
    </ul>
  );
}
