import type { ReceiptShape } from "#contract/shapes.ts";
import { Card } from "../parts/card.tsx";
import { count, duration, shortDigest } from "../words.ts";
import styles from "./receipt-card.module.css";
import { ReceiptHosts } from "./receipt-hosts.tsx";
import { ReceiptLinks } from "./receipt-links.tsx";

/** The proof of a rollout: what was asked of the service meanwhile, and what became of it. */
export function ReceiptCard({ receipt, id }: { receipt: ReceiptShape; id: string }) {
  const { prober, balancers, seconds, longestDrainMs, commitToLiveSeconds } = receipt;
  return (
    <Card title="Receipt" aside={receipt.version > 1 && <ReceiptLinks id={id} />} label="Receipt">
      <dl className={styles.figures}>
        <TrafficFigures traffic={prober ?? balancers} />
        <Figure name="longest drain" value={duration(longestDrainMs)} />
        <Figure name="start to end" value={duration(seconds * 1_000)} />
        {commitToLiveSeconds !== undefined && (
          <Figure name="commit to live" value={duration(commitToLiveSeconds * 1_000)} />
        )}
      </dl>
      <p className={styles.origin}>
        {origin(receipt)} <ImageName image={receipt.image} />
      </p>
      {receipt.uncounted?.map((words) => (
        <p key={words} className={styles.origin}>
          Not counted: {words}
        </p>
      ))}
      <ReceiptHosts hosts={receipt.hosts} />
    </Card>
  );
}

function TrafficFigures({ traffic }: { traffic: ReceiptShape["prober"] }) {
  if (!traffic) return <Figure name="requests" value="not counted" />;
  return (
    <>
      <Figure name="requests" value={count(traffic.requests)} />
      <Figure name="failed" value={count(traffic.failed)} tone={traffic.failed > 0 ? "bad" : "good"} />
      <Figure name="cut" value={count(traffic.cut)} tone={traffic.cut > 0 ? "bad" : "good"} />
    </>
  );
}

function Figure({ name, value, tone }: { name: string; value: string; tone?: "good" | "bad" }) {
  return (
    <div className={styles.figure}>
      <dt>{name}</dt>
      <dd data-tone={tone}>{value}</dd>
    </div>
  );
}

/** Two observers count: the prober its own requests, the balancers everybody's. */
function origin({ prober, balancers }: ReceiptShape): string {
  if (prober && balancers) {
    const { requests, failed, cut } = balancers;
    return `Counted by the prober, through the balancer. All clients together, by the balancers' own counters: ${count(requests)} requests, ${count(failed)} failed, ${count(cut)} cut.`;
  }
  if (prober) return "Counted by the prober, through the balancer.";
  if (balancers) return "Counted by the balancers, all clients together.";
  return "No traffic was counted: name traffic.url of the group in fleet.yaml.";
}

function ImageName({ image }: { image: string }) {
  const [repository = "", digest = ""] = image.split("@");
  return (
    <code title={image}>
      {repository}@{shortDigest(digest)}
    </code>
  );
}
