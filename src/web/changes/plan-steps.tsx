import type { PlanShape } from "#contract/shapes.ts";
import styles from "./plan-steps.module.css";

/** The exact sequence in words, and why it must not start where that is so. */
export function PlanSteps({ plan }: { plan: PlanShape }) {
  return (
    <ol className={styles.plan} aria-label="What it does, in order">
      {plan.refusals.map(({ reason, advice }) => (
        <li key={reason} className={styles.refusal}>
          Refused: {reason} {advice}
        </li>
      ))}
      {plan.steps.map((step, index) => (
        <li key={`${index} ${step}`} className={step.startsWith(" ") ? styles.inner : styles.outer}>
          {step.trim()}
        </li>
      ))}
    </ol>
  );
}
