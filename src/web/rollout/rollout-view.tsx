import { failedHosts, isOpen } from "#contract/rollout-words.ts";
import type { RolloutDetail } from "#contract/shapes.ts";
import { SteerButtons } from "../changes/steer-buttons.tsx";
import { useTitle } from "../parts/announcer.tsx";
import { ErrorBox } from "../parts/error-box.tsx";
import { Folded } from "../parts/folded.tsx";
import { LogCard } from "../parts/log-card.tsx";
import { Moment, Took } from "../parts/moment.tsx";
import { Outdated, ReadState } from "../parts/read-state.tsx";
import { ViewHead } from "../parts/view-head.tsx";
import { PlanPicture } from "../plan/plan-picture.tsx";
import { useRollout } from "../queries.ts";
import { rolloutLook } from "../states.ts";
import { trafficText } from "../words.ts";
import { BundleCard } from "./bundle-card.tsx";
import { Notes } from "./notes.tsx";
import { PauseCard } from "./pause-card.tsx";
import { ReceiptCard } from "./receipt-card.tsx";
import { Replay } from "./replay.tsx";
import styles from "./rollout-view.module.css";
import { Timeline } from "./timeline.tsx";

const signs = {
  waiting: "○",
  running: "●",
  succeeded: "✓",
  failed: "✗",
  stuck: "✗",
  paused: "?",
  aborted: "✗",
  superseded: "–",
  refused: "!",
  cancelled: "–",
} as const;

/** One rollout: a lane for each host while it moves, the receipt once it has ended. */
export function RolloutView({ id, bundle }: { id: string; bundle?: string | undefined }) {
  const { data, error } = useRollout(id);
  useTitle(data ? titleOf(data) : "");
  if (!data) return <ReadState error={error} what={`rollout ${id}`} />;
  const { rollout } = data;
  return (
    <div className={styles.view}>
      <Outdated error={error} />
      <ViewHead
        title={headOf(data)}
        look={rolloutLook(data)}
        commit={data.commit}
        buttons={<SteerButtons detail={data} />}
      >
        <Facts detail={data} />
      </ViewHead>
      <PauseCard rollout={rollout} />
      <Notes detail={data} />
      {rollout.error && rollout.state !== "superseded" && <ErrorBox error={rollout.error} title={errorTitle(data)} />}
      <Replay detail={data} />
      {failedHosts(data.timeline).map((host) => (
        <BundleCard key={host} id={rollout.id} host={host} isOpen={host === bundle} />
      ))}
      {rollout.receipt && <ReceiptCard receipt={rollout.receipt} id={rollout.id} />}
      {data.timeline.some((event) => event.step === "verify") && <LogCard id={rollout.id} title="Verification log" />}
      {rollout.plan && <PlanCard plan={rollout.plan} isOpen={isOpen(rollout.state)} />}
      {data.timeline.length > 0 && <Timeline events={data.timeline} />}
    </div>
  );
}

/** Before the end it says what is still to come; afterwards the lanes say what became of it. */
function PlanCard({ plan, isOpen }: { plan: NonNullable<RolloutDetail["rollout"]["plan"]>; isOpen: boolean }) {
  return (
    <Folded
      title="Plan"
      aside={`${plan.inService} in service before, never fewer than ${plan.minHealthy}`}
      isOpen={isOpen}
    >
      <PlanPicture plan={plan} />
    </Folded>
  );
}

function Facts({ detail: { rollout, traffic } }: { detail: RolloutDetail }) {
  const { by, createdAt, startedAt, endedAt, receipt } = rollout;
  return (
    <>
      asked for by {by} <Moment at={createdAt} />
      {startedAt && (
        <>
          , {endedAt ? "took" : "runs for"} <Took from={startedAt} to={endedAt} />
        </>
      )}
      {traffic && !receipt && <span className="numbers">, {trafficText(traffic)} so far</span>}
    </>
  );
}

const heads = {
  commit: "Rollout",
  deploy: "Rollout",
  rollback: "Roll back",
  join: "Joining",
  correct: "Correction",
} as const;

function headOf({
  rollout: { number, service, release, environment, reason, previousRelease },
}: RolloutDetail): string {
  const what = heads[reason];
  const from = previousRelease === undefined || previousRelease === release ? "" : ` from r${previousRelease}`;
  return `${what} ${number}: ${service}${from} to r${release} in ${environment}`;
}

const titleOf = (detail: RolloutDetail): string => {
  const { rollout } = detail;
  return `${signs[rollout.state]} ${rollout.service} r${rollout.release} to ${rollout.environment}: ${rolloutLook(detail).word}`;
};

function errorTitle({ rollout }: RolloutDetail): string {
  if (rollout.state === "refused") return "Refused, before anything was touched";
  if (rollout.state === "cancelled") return "Cancelled";
  if (rollout.state === "aborted") return "Ended by a person; every host was left as it was";
  if (rollout.state === "stuck") return "Could not be put back: a person is needed";
  return rollout.receipt ? "Failed, and put back" : "Failed";
}
