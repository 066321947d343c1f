import type { IconName } from "../states.ts";
import styles from "./icon.module.css";

const paths: Readonly<Record<IconName, string>> = {
  check: "M3.5 8.5 6.5 11.5 12.5 4.5",
  cross: "M4.5 4.5 11.5 11.5M11.5 4.5 4.5 11.5",
  running: "M8 2.5A5.5 5.5 0 1 1 2.5 8",
  clock: "M8 4.5V8l2.5 1.5M8 2A6 6 0 1 1 8 14 6 6 0 0 1 8 2",
  question: "M6 6.2A2 2 0 1 1 8.6 8.1C8.2 8.3 8 8.6 8 9.2M8 12.2V12.3",
  minus: "M4 8H12",
  back: "M6 3.5 2.8 6.7 6 9.9M3.2 6.7H9.5A3.3 3.3 0 0 1 9.5 13.3H7",
  drain: "M8 2.5V9.5M4.8 6.7 8 9.9 11.2 6.7M3.5 13H12.5",
  pause: "M5.5 4V12M10.5 4V12",
  warning: "M8 2.5 14.5 13.5H1.5ZM8 6.5V9.5M8 11.5V11.6",
};

/** Decoration only: the words beside it say the same. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      className={styles.icon}
      data-icon={name}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}
