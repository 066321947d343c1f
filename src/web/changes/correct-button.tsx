import type { GroupShape } from "#contract/shapes.ts";
import { call } from "../api.ts";
import { asker } from "../asker.ts";
import { DialogButton } from "./change-button.tsx";
import { PlannedQuestion, shownOf } from "./planned-question.tsx";

type Props = { place: GroupShape; host: string };

/** A rollout of one host that drifted to what should run there; its plan is seen first. */
export function CorrectButton({ place, host }: Props) {
  return (
    <DialogButton label="Correct…" title={`Correct ${host} in ${place.environment}`} size="xl">
      {(close) => <CorrectQuestion place={place} host={host} close={close} />}
    </DialogButton>
  );
}

function CorrectQuestion({ place, host, close }: Props & { close: () => void }) {
  const { service, environment, liveRelease } = place;
  const hosts = [host];
  return (
    <PlannedQuestion
      place={place}
      asked={{ reason: "correct", hosts }}
      confirm="Correct it"
      start={(plan) => call("correct", { body: { service, environment, hosts, ...shownOf(plan), ...asker() } })}
      close={close}
    >
      <p>
        <b>{host}</b> gets the live release {liveRelease !== undefined && <b>r{liveRelease}</b>} of {service}: drained,
        replaced, checked and admitted like in any rollout, also where somebody had taken it out at the balancer. No
        other host is touched.
      </p>
    </PlannedQuestion>
  );
}
