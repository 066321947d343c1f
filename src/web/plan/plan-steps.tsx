import type { PlanShape } from "#contract/shapes.ts";
import styles from "./plan-steps.module.css";

/** The exact sequence in words, an act a line. */
export function PlanSteps({ plan }: { plan: PlanShape }) {
  return (
    <ol className={styles.plan} aria-label="What it does, in order">
      {plan.steps.map((step, index) => (
        <li key={`${index} ${step}`} className={step.startsWith(" ") ? styles.inner : styles.outer}>
          {step.trim()}
        </li>
      ))}
    </ol>
  );
}
