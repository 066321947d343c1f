import { isOpen } from "#contract/rollout-words.ts";
import type { RolloutDetail } from "#contract/shapes.ts";
import { call } from "../api.ts";
import { asker } from "../asker.ts";
import { useOverview } from "../queries.ts";
import { waitsForApproval } from "../states.ts";
import { ChangeButton } from "./change-button.tsx";
import { RollBackButton } from "./roll-back-button.tsx";

/** Only what is live can be rolled back; an old rollout's page may be open for long. */
function useIsLive({ state, release, service, environment }: RolloutDetail["rollout"]): boolean {
  const { data } = useOverview();
  const place = data?.environments.find(({ name }) => name === environment);
  const group = place?.groups.find((each) => each.service === service);
  return state === "succeeded" && group?.liveRelease === release && group.rollout === undefined;
}

/** What a person can do about this rollout now. */
export function SteerButtons({ detail }: { detail: RolloutDetail }) {
  const { rollout } = detail;
  const params = { id: rollout.id };
  const isLive = useIsLive(rollout);
  if (isLive && rollout.previousRelease !== undefined) {
    return <RollBackButton place={placeOf(rollout)} live={rollout.release} to={rollout.previousRelease} />;
  }
  // What can be done about a paused one is said where its pause is.
  if (!isOpen(rollout.state) || rollout.pause) return null;
  return (
    <>
      {waitsForApproval(detail) && (
        <ChangeButton
          label="Approve…"
          title={`Approve rollout ${rollout.number}`}
          confirm="Approve"
          isPrimary
          run={() => call("approve", { params, body: asker() })}
        >
          <p>
            <b>{rollout.service}</b> r{rollout.release} then goes to <b>{rollout.environment}</b>, as its plan says.
          </p>
        </ChangeButton>
      )}
      {rollout.state === "running" && !waitsForApproval(detail) && <PauseButton rollout={rollout} />}
      <ChangeButton
        label="Cancel…"
        title={`Cancel rollout ${rollout.number}`}
        confirm="Cancel the rollout"
        isDangerous
        run={() => call("cancel", { params, body: asker() })}
      >
        <p>
          {rollout.state === "waiting"
            ? "It has not begun; nothing was touched."
            : "The batch that is under way is finished first. Then every host that was changed is put back, newest first."}
        </p>
      </ChangeButton>
    </>
  );
}

const placeOf = ({ service, environment }: RolloutDetail["rollout"]) => ({ service, environment });

function PauseButton({ rollout: { id, number, pauseAskedBy } }: Pick<RolloutDetail, "rollout">) {
  if (pauseAskedBy !== undefined) return <span className="soft">pauses after this batch, as {pauseAskedBy} asked</span>;
  return (
    <ChangeButton
      label="Pause…"
      title={`Pause rollout ${number}`}
      confirm="Pause the rollout"
      run={() => call("pause", { params: { id }, body: asker() })}
    >
      <p>
        The batch that is under way is finished first. Then nothing more is touched until somebody chooses: go on, put
        back, or leave the hosts as they are.
      </p>
    </ChangeButton>
  );
}
