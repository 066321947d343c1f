import type { ReactNode } from "react";
import styles from "./folded.module.css";

type Props = { title: string; aside?: string; isOpen?: boolean; onOpen?: () => void; children: ReactNode };

/** A part of a view that is folded away until somebody wants it. */
export function Folded({ title, aside, isOpen = false, onOpen, children }: Props) {
  return (
    <details className={styles.folded} open={isOpen} onToggle={({ currentTarget }) => currentTarget.open && onOpen?.()}>
      <summary>
        <h2 className={styles.title}>{title}</h2>
        {aside && <span className="soft">{aside}</span>}
      </summary>
      <div className={styles.content}>{children}</div>
    </details>
  );
}
