import type { ErrorShape } from "#contract/shapes.ts";
import { plainText } from "../plain-text.ts";
import styles from "./error-box.module.css";
import { Icon } from "./icon.tsx";
import { Prose } from "./prose.tsx";

/** An error with all that helps: what happened, what to do, and the failed thing's own last words. */
export function ErrorBox({ error, title }: { error: ErrorShape; title: string }) {
  return (
    <section className={styles.box} data-tone="bad" aria-label={title}>
      <h2 className={styles.title}>
        <Icon name="cross" /> {title}
      </h2>
      <p className={styles.message}>{error.message}</p>
      {error.advice && (
        <p className={styles.advice}>
          <Prose text={error.advice} />
        </p>
      )}
      <Facts error={error} />
      {error.lastLines && <LastLines text={error.lastLines} />}
    </section>
  );
}

function Facts({ error }: { error: ErrorShape }) {
  const facts = [
    ["host", error.host],
    ["command", error.command],
    ["exit", error.exit],
    ["code", error.code],
  ].filter(([, value]) => value !== undefined);
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <code>{value}</code>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function LastLines({ text }: { text: string }) {
  return (
    <figure>
      <figcaption className={styles.caption}>Its own last lines</figcaption>
      <pre className={styles.lines}>{plainText(text)}</pre>
    </figure>
  );
}
