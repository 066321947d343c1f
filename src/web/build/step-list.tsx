import type { BuildShape } from "#contract/shapes.ts";
import { Took } from "../parts/moment.tsx";
import { StateDot } from "../parts/state-mark.tsx";
import { stepLook } from "../states.ts";
import { count } from "../words.ts";
import styles from "./step-list.module.css";

type Step = BuildShape["steps"][number];

export function StepList({ build: { steps, state } }: { build: BuildShape }) {
  return (
    <ol className={styles.list}>
      {steps.map((step) => (
        <li key={step.name} className={styles.step} data-state={step.state}>
          <StateDot look={stepLook(step.state, state)} />
          <div>
            <span className={styles.name}>{step.name}</span>
            {step.tests && <TestCounts tests={step.tests} />}
            {step.state === "failed" && step.exitCode !== undefined && (
              <p className={styles.more}>exit code {step.exitCode}</p>
            )}
          </div>
          <span className={styles.took}>
            <Took from={step.startedAt} to={step.endedAt} />
          </span>
        </li>
      ))}
    </ol>
  );
}

function TestCounts({ tests: { passed, failed, skipped } }: { tests: NonNullable<Step["tests"]> }) {
  return (
    <p className={styles.more}>
      {count(passed)} passed
      {failed > 0 && (
        <>
          , <b className={styles.failed}>{count(failed)} failed</b>
        </>
      )}
      {skipped > 0 && `, ${count(skipped)} skipped`}
    </p>
  );
}
