import { memo } from "react";
import type { Line } from "../ansi.ts";
import type { Style } from "../ansi-style.ts";
import styles from "./log-card.module.css";

/** One line; the runner's own lines (`== unit tests`) stand out. */
export const LogLine = memo(({ line }: { line: Line }) => (
  <div className={styles.line} data-head={line[0]?.text.startsWith("== ") || undefined}>
    {line.map(({ text, style }, index) => (
      <span key={`${index}`} className={classOf(style)}>
        {text}
      </span>
    ))}
  </div>
));

function classOf({ foreground, background, bold, dim, italic, underline }: Style): string {
  const names = [
    foreground === undefined ? undefined : styles[`f${foreground}`],
    background === undefined ? undefined : styles[`b${background}`],
    bold && styles.bold,
    dim && styles.dim,
    italic && styles.italic,
    underline && styles.underline,
  ];
  return names.filter(Boolean).join(" ");
}
