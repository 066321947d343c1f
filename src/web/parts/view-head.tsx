import type { ReactNode } from "react";
import type { BuildShape } from "#contract/shapes.ts";
import type { Look } from "../states.ts";
import { CommitLine, commitOrigin } from "./commit-line.tsx";
import { StateMark } from "./state-mark.tsx";
import styles from "./view-head.module.css";

type Props = {
  title: string;
  look: Look;
  commit: BuildShape["commit"] | undefined;
  buttons?: ReactNode;
  children: ReactNode;
};

/** The top of a view of one thing: what it is, its state, its commit, what can be done about it. */
export function ViewHead({ title, look, commit, buttons, children }: Props) {
  return (
    <header className={styles.head}>
      <p className={styles.back}>
        <a href="#/">Overview</a>
      </p>
      <div className={styles.titleRow}>
        <h1 className={styles.title}>{title}</h1>
        <StateMark look={look} />
        {buttons && <div className={styles.buttons}>{buttons}</div>}
      </div>
      {commit && <CommitLine commit={commit} />}
      <p className={styles.facts}>
        {commit && `${commitOrigin(commit)}, `}
        {children}
      </p>
    </header>
  );
}
