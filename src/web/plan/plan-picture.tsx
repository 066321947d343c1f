import { strategyWords } from "#contract/rollout-words.ts";
import type { PlanShape } from "#contract/shapes.ts";
import { Icon } from "../parts/icon.tsx";
import { Prose } from "../parts/prose.tsx";
import type { Tone } from "../states.ts";
import { duration } from "../words.ts";
import { BatchList } from "./batch-list.tsx";
import styles from "./plan-picture.module.css";
import { PlanSteps } from "./plan-steps.tsx";

/** What a rollout would do: why it must not start, what is worth a look, what stays in service all the while. */
export function PlanPicture({ plan }: { plan: PlanShape }) {
  const { refusals, warnings, batches } = plan;
  return (
    <div className={styles.picture}>
      <Advised title="Refused: nothing would be touched" tone="bad" items={refusals.map(withWords)} />
      <Facts plan={plan} />
      {batches.length > 0 ? <BatchList plan={plan} /> : refusals.length === 0 && <NothingToDo plan={plan} />}
      <Advised title="Worth a look" tone="warn" items={warnings} />
      {batches.length > 0 && plan.steps.length > 0 && refusals.length === 0 && (
        <details className={styles.sequence}>
          <summary>The exact sequence</summary>
          <PlanSteps plan={plan} />
        </details>
      )}
    </div>
  );
}

/** The plan's only step says so itself. */
const NothingToDo = ({ plan: { steps } }: { plan: PlanShape }) => (
  <p>
    <b>Nothing to do:</b> {steps[0]?.replace(/: nothing to do$/, "")}.
  </p>
);

const withWords = ({ reason, advice }: PlanShape["refusals"][number]) => ({ message: reason, advice });

function Facts({ plan }: { plan: PlanShape }) {
  const { strategy, batches, expectedSeconds, holds, upToDate, skipped } = plan;
  const facts: [string, string][] = [
    ["strategy", `${strategy}: ${strategyWords[strategy]}`],
    ...(expectedSeconds === undefined || batches.length === 0
      ? []
      : [
          ["takes", `about ${duration(expectedSeconds * 1_000)}, by what earlier rollouts took here`] as [
            string,
            string,
          ],
        ]),
    ...(holds.length > 0 ? [["held", holds.join(", ")] as [string, string]] : []),
    ...(upToDate.length > 0 ? [["not touched", `${upToDate.join(", ")}: up to date`] as [string, string]] : []),
    ...(skipped.length > 0 ? [["left out", `${skipped.join(", ")}: cannot be reached`] as [string, string]] : []),
  ];
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

type AdvisedProps = { title: string; tone: Tone; items: readonly { message: string; advice: string }[] };

function Advised({ title, tone, items }: AdvisedProps) {
  if (items.length === 0) return null;
  return (
    <section className={styles.advised} data-tone={tone} aria-label={title}>
      <h3>
        <Icon name={tone === "bad" ? "cross" : "warning"} size={15} /> {title}
      </h3>
      <ul>
        {items.map(({ message, advice }) => (
          <li key={message}>
            <Prose text={message} />{" "}
            <span className="soft">
              <Prose text={advice} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
