import type { GroupShape } from "#contract/shapes.ts";
import { call } from "../api.ts";
import { rolloutAddress } from "../route.ts";
import { ChangeButton } from "./change-button.tsx";

/** A rollout of one host that drifted to what should run there. */
export function CorrectButton({ place, host }: { place: GroupShape; host: string }) {
  const { service, environment, liveRelease } = place;
  const run = async () => {
    location.hash = rolloutAddress((await call("correct", { body: { service, environment, hosts: [host] } })).id);
  };
  return (
    <ChangeButton label="Correct…" title={`Correct ${host} in ${environment}`} confirm="Correct it" run={run}>
      <p>
        <b>{host}</b> gets the live release {liveRelease !== undefined && <b>r{liveRelease}</b>} of {service}: drained,
        replaced, checked and admitted like in any rollout, also where somebody had taken it out at the balancer. No
        other host is touched.
      </p>
    </ChangeButton>
  );
}
