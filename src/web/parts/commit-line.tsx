import type { BuildShape } from "#contract/shapes.ts";
import { shortSha } from "../words.ts";
import styles from "./commit-line.module.css";

type Commit = BuildShape["commit"];

/** Which commit, in one line: `1a2b3c4 Greet by name`. */
export function CommitLine({ commit }: { commit: Commit }) {
  return (
    <span className={styles.line}>
      <code title={commit.sha}>{shortSha(commit.sha)}</code> <bdi className={styles.subject}>{commit.subject}</bdi>
    </span>
  );
}

export const commitOrigin = ({ author, branch }: Commit): string => (author ? `${author} on ${branch}` : branch);
