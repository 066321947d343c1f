import { Button, NativeSelect } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { GroupShape } from "#contract/shapes.ts";
import { call } from "../api.ts";
import { scrollable } from "../parts/scrollable.ts";
import { useReleases } from "../queries.ts";
import { rolloutAddress } from "../route.ts";
import { useToken } from "../token.ts";
import { shortSha } from "../words.ts";
import styles from "./change.module.css";
import { ChangeButton, Problem } from "./change-button.tsx";
import { PlanSteps } from "./plan-steps.tsx";

type Place = Pick<GroupShape, "service" | "environment" | "liveRelease">;

/** Rolls a release out that the person chooses; its plan can be read before. */
export function DeployButton({ place }: { place: Place }) {
  const [release, setRelease] = useState<number>();
  const { service, environment } = place;
  const run = async () => {
    const body = { service, environment, ...(release === undefined ? {} : { release }) };
    location.hash = rolloutAddress((await call("deploy", { body })).id);
  };
  return (
    <ChangeButton label="Deploy…" title={`Deploy ${service} to ${environment}`} confirm="Deploy" run={run}>
      <ReleaseChoice place={place} release={release} choose={setRelease} />
      <Preview place={place} release={release} key={release} />
    </ChangeButton>
  );
}

type ChoiceProps = { place: Place; release: number | undefined; choose: (release: number | undefined) => void };

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

/** Asking for a plan needs the token too: without one the person sees the plan on the rollout's own page. */
function Preview({ place, release }: { place: Place; release: number | undefined }) {
  const { service, environment } = place;
  const body = { service, environment, ...(release === undefined ? {} : { release }) };
  const plan = useMutation({ mutationFn: () => call("plan", { body }) });
  if (useToken() === undefined) return null;
  if (plan.data) {
    return (
      <div className={styles.preview} {...scrollable}>
        <PlanSteps plan={plan.data} />
      </div>
    );
  }
  return (
    <>
      {plan.error && <Problem error={plan.error} />}
      <Button variant="subtle" size="compact-sm" justify="start" loading={plan.isPending} onClick={() => plan.mutate()}>
        Show what it would do
      </Button>
    </>
  );
}
