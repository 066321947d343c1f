import type { BuildShape } from "#contract/shapes.ts";
import { Card } from "../parts/card.tsx";
import { plainText } from "../plain-text.ts";
import { counted } from "../words.ts";
import styles from "./failing-tests.module.css";

/** The tests that failed, each with its own words, of every step that reported some. */
export function FailingTests({ steps }: { steps: BuildShape["steps"] }) {
  const failures = steps.flatMap((step) => step.tests?.failures ?? []);
  const failed = steps.reduce((sum, step) => sum + (step.tests?.failed ?? 0), 0);
  if (failures.length === 0) return null;
  return (
    <Card
      title={`${counted(failed, "test")} failed`}
      aside={failed > failures.length && `the first ${failures.length}`}
    >
      <ul className={styles.list}>
        {failures.map(({ name, message }, index) => (
          <li key={`${index} ${name}`}>
            <b className={styles.name}>{plainText(name)}</b>
            <pre className={styles.message}>{plainText(message)}</pre>
          </li>
        ))}
      </ul>
    </Card>
  );
}
