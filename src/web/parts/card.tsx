import type { ReactNode } from "react";
import styles from "./card.module.css";

type Props = { title: ReactNode; aside?: ReactNode; label?: string; children: ReactNode };

/** A titled part of a view. */
export function Card({ title, aside, label, children }: Props) {
  return (
    <section className={styles.card} aria-label={label}>
      <header className={styles.head}>
        <h2 className={styles.title}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** Nothing to show yet, and what would make it so. */
export function Empty({ children }: { children: ReactNode }) {
  return <p className={styles.empty}>{children}</p>;
}
