import type { RolloutShape } from "#contract/shapes.ts";
import { call } from "../api.ts";
import { asker } from "../asker.ts";
import { DialogButton } from "./change-button.tsx";
import { type Place, PlannedQuestion, shownOf } from "./planned-question.tsx";

type Props = {
  place: Place;
  live: number | undefined;
  to?: number | undefined;
};

/** A new rollout to the last good release before the live one, or to the release that is named; its plan is seen first. */
export function RollBackButton(props: Props) {
  const { service, environment } = props.place;
  return (
    <DialogButton label="Roll back…" title={`Roll back ${service} in ${environment}`} size="xl">
      {(close) => <RollBackQuestion {...props} close={close} />}
    </DialogButton>
  );
}

function RollBackQuestion({ place, live, to, close }: Props & { close: () => void }) {
  const { service, environment, rollout } = place;
  return (
    <PlannedQuestion
      place={place}
      asked={{ reason: "rollback", ...(to === undefined ? {} : { release: to }) }}
      confirm="Roll back"
      isDangerous
      start={(plan) =>
        call("rollback", { body: { service, environment, release: plan.release, ...shownOf(plan), ...asker() } })
      }
      close={close}
    >
      <p>
        {live === undefined ? "The live release" : <b>r{live}</b>} is replaced by{" "}
        {to === undefined ? "the last good release before it" : <b>r{to}</b>}, host by host, each drained first. It is
        the image that was recorded then, with the variables and secrets of then; nothing is built again.
      </p>
      {rollout && <UnderWay rollout={rollout} />}
    </PlannedQuestion>
  );
}

/** What goes forward is what the person wants to be rid of. */
function UnderWay({ rollout: { number, reason } }: { rollout: RolloutShape }) {
  const isForward = reason === "commit" || reason === "deploy";
  return (
    <p>
      Rollout {number} is under way here: {isForward && "it is cancelled, and "}the roll back waits for its end.
    </p>
  );
}
