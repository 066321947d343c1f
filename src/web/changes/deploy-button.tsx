import { NativeSelect } from "@mantine/core";
import { useState } from "react";
import type { GroupShape } from "#contract/shapes.ts";
import { call } from "../api.ts";
import { asker } from "../asker.ts";
import { useReleases } from "../queries.ts";
import { shortSha } from "../words.ts";
import { DialogButton } from "./change-button.tsx";
import { PlannedQuestion, shownOf } from "./planned-question.tsx";

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
  const { service, environment } = place;
  return (
    <PlannedQuestion
      place={place}
      asked={release === undefined ? {} : { release }}
      confirm="Deploy"
      start={(plan) =>
        call("deploy", { body: { service, environment, release: plan.release, ...shownOf(plan), ...asker() } })
      }
      close={close}
    >
      <ReleaseChoice place={place} release={release} choose={setRelease} />
    </PlannedQuestion>
  );
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
