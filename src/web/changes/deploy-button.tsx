import { Loader, NativeSelect } from "@mantine/core";
import { useState } from "react";
import { isOpen } from "#contract/rollout-words.ts";
import type { GroupShape, PlanShape } from "#contract/shapes.ts";
import { call } from "../api.ts";
import { PlanPicture } from "../plan/plan-picture.tsx";
import { usePlan, useReleases } from "../queries.ts";
import { rolloutAddress } from "../route.ts";
import { useToken } from "../token.ts";
import { shortSha } from "../words.ts";
import styles from "./change.module.css";
import { DialogButton, Problem, Question, stay } from "./change-button.tsx";

/** Rolls a release out that the person chooses, after they have seen its plan. */
export function DeployButton({ place }: { place: GroupShape }) {
  return (
    <DialogButton label="Deploy…" title={`Deploy ${place.service} to ${place.environment}`} size="xl">
      {(close) => <DeployQuestion place={place} close={close} />}
    </DialogButton>
  );
}

function DeployQuestion({ place, close }: { place: GroupShape; close: () => void }) {
  const [release, setRelease] = useState<number>();
  const hasToken = useToken() !== undefined;
  const { data: plan, error, isFetching } = usePlan(place, release, hasToken);
  const run = async () => {
    // The token was typed just now: it shows the plan, and nothing is begun before that was seen.
    if (!hasToken || !plan) return stay;
    const { service, environment } = place;
    const body = { service, environment, release: plan.release, ...(plan.refusals.length > 0 ? {} : { shown: plan }) };
    location.hash = rolloutAddress((await call("deploy", { body })).id);
    return undefined;
  };
  return (
    <Question confirm={confirmOf(place, plan, hasToken)} run={run} close={close} isDangerous={false}>
      <ReleaseChoice place={place} release={release} choose={setRelease} />
      {isFetching && (
        <p className={styles.waiting} role="status">
          <Loader size="xs" /> Looking at every host and balancer…
        </p>
      )}
      {error && !isFetching && <Problem error={error} />}
      {plan && !isFetching && <PlanPicture plan={plan} />}
      {plan && plan.refusals.length > 0 && isBusy(place) && (
        <p>Rollout {place.rollout?.number} is under way here. This one would wait for it, and is planned again then.</p>
      )}
    </Question>
  );
}

const isBusy = ({ rollout }: GroupShape): boolean => rollout !== undefined && isOpen(rollout.state);

/** What cannot work is not begun; what another rollout is in the way of may wait for its turn. */
function confirmOf(place: GroupShape, plan: PlanShape | undefined, hasToken: boolean): string | undefined {
  if (!hasToken) return "Show the plan";
  if (!plan) return undefined;
  if (plan.refusals.length === 0) return "Deploy";
  return isBusy(place) ? "Deploy when its turn comes" : undefined;
}

type ChoiceProps = { place: GroupShape; release: number | undefined; choose: (release: number | undefined) => void };

function ReleaseChoice({ place, release, choose }: ChoiceProps) {
  const { data = [], error } = useReleases(place.service);
  const options = data.map(({ number, commit }) => ({
    value: String(number),
    label: `r${number}${number === place.liveRelease ? " (live)" : ""} · ${shortSha(commit.sha)} ${commit.subject}`,
  }));
  return (
    <NativeSelect
      label="Release"
      description={error ? error.message : undefined}
      value={release === undefined ? "" : String(release)}
      onChange={({ currentTarget: { value } }) => choose(value === "" ? undefined : Number(value))}
      data={[{ value: "", label: "The newest" }, ...options]}
    />
  );
}
