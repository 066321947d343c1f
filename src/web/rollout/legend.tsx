import type { Lane, Segment } from "../lanes.ts";
import styles from "./legend.module.css";

const order: readonly Segment["step"][] = [
  "plan",
  "approve",
  "hold",
  "prepare",
  "drain",
  "replace",
  "check",
  "admit",
  "bake",
  "pause",
  "canary",
  "switch",
  "verify",
  "finish",
];

/** Of the whole rollout: what a strategy or a person adds to the runbook. */
const inLegend: readonly Segment["step"][] = ["pause", "canary", "switch"];

/** The steps that are drawn, in the order of the runbook. */
export function Legend({ lanes }: { lanes: readonly Lane[] }) {
  const segments = lanes.filter((lane) => lane.host !== undefined).flatMap((lane) => lane.segments);
  const whole =
    lanes.find((lane) => lane.host === undefined)?.segments.filter(({ step }) => inLegend.includes(step)) ?? [];
  const steps = order.filter((step) => [...segments, ...whole].some((segment) => segment.step === step));
  const hasBack = segments.some((segment) => segment.direction === "back");
  if (steps.length === 0) return null;
  return (
    <ul className={styles.legend} aria-hidden="true">
      {steps.map((step) => (
        <li key={step} data-step={step}>
          <span className={styles.sample} /> {step}
        </li>
      ))}
      {hasBack && (
        <li data-step="back">
          <span className={styles.sample} data-direction="back" /> put back
        </li>
      )}
    </ul>
  );
}
