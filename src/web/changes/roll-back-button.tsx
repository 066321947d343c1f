import type { GroupShape } from "#contract/shapes.ts";
import { call } from "../api.ts";
import { rolloutAddress } from "../route.ts";
import { ChangeButton } from "./change-button.tsx";

type Props = {
  place: Pick<GroupShape, "service" | "environment">;
  live: number | undefined;
  to?: number | undefined;
  behind?: number | undefined;
};

/** A new rollout to the last good release before the live one, or to the release that is named. */
export function RollBackButton({ place: { service, environment }, live, to, behind }: Props) {
  const run = async () => {
    const body = { service, environment, ...(to === undefined ? {} : { release: to }) };
    location.hash = rolloutAddress((await call("rollback", { body })).id);
  };
  return (
    <ChangeButton
      label="Roll back…"
      title={`Roll back ${service} in ${environment}`}
      confirm="Roll back"
      isDangerous
      run={run}
    >
      <p>
        {live === undefined ? "The live release" : <b>r{live}</b>} is replaced by{" "}
        {to === undefined ? "the last good release before it" : <b>r{to}</b>}, host by host, each drained first. It is
        the image that was recorded then; nothing is built again.
      </p>
      {behind !== undefined && <p>Rollout {behind} is under way here: the roll back waits for its end.</p>}
    </ChangeButton>
  );
}
