import type { ReceiptShape } from "#contract/shapes.ts";
import { scrollable } from "../parts/scrollable.ts";
import { StateMark } from "../parts/state-mark.tsx";
import { hostOutcomeLooks } from "../states.ts";
import { duration } from "../words.ts";
import styles from "./receipt-card.module.css";

type HostReceipt = ReceiptShape["hosts"][number];

const steps = ["drain", "replace", "check", "admit", "bake"] as const;

/** Per host the time of each step. */
export function ReceiptHosts({ hosts }: { hosts: readonly HostReceipt[] }) {
  const hasPutBack = hosts.some((host) => host.putBackMs !== undefined);
  const hasRepeated = hosts.some((host) => host.repeated > 0);
  return (
    <section className={styles.scroll} aria-label="Times of each host" {...scrollable}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">host</th>
            <th scope="col">outcome</th>
            {steps.map((step) => (
              <th key={step} scope="col">
                {step}
              </th>
            ))}
            {hasPutBack && <th scope="col">put back</th>}
            {hasRepeated && <th scope="col">repeated</th>}
          </tr>
        </thead>
        <tbody>
          {hosts.map((host) => (
            <tr key={host.host}>
              <th scope="row" title={host.why}>
                {host.host}
                {host.joined && " (joined)"}
              </th>
              <td>
                <StateMark look={hostOutcomeLooks[host.outcome]} isPlain />
              </td>
              {steps.map((step) => (
                <td key={step}>{time(host.stepsMs[step])}</td>
              ))}
              {hasPutBack && <td>{time(host.putBackMs)}</td>}
              {hasRepeated && <td>{host.repeated}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const time = (ms: number | undefined): string => (ms === undefined ? "–" : duration(ms));
