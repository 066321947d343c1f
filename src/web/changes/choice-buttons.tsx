import { MultiSelect } from "@mantine/core";
import { useState } from "react";
import { choiceWords } from "#contract/rollout-words.ts";
import type { RolloutShape, SteerAction } from "#contract/shapes.ts";
import { call } from "../api.ts";
import { asker } from "../asker.ts";
import { ChangeButton, stay } from "./change-button.tsx";

type Props = { rollout: RolloutShape; action: SteerAction; isPrimary: boolean };

/** One of the ways a paused rollout can go on; its dialog says what will happen. */
export function ChoiceButton({ rollout, action, isPrimary }: Props) {
  const { id, number, pause, service, environment } = rollout;
  const [named, setNamed] = useState<string[]>();
  if (!pause) return null;
  const [label, confirm] = verbs[action];
  const hosts = named ?? [...pause.hosts];
  const run = async () => {
    // Nobody is excluded by an empty field.
    if (action === "exclude" && hosts.length === 0) return stay;
    const body = { action, pause: pause.number, ...(named ? { hosts: named } : {}), ...asker() };
    return call("steer", { params: { id }, body });
  };
  return (
    <ChangeButton
      label={`${label}…`}
      title={`${label}: rollout ${number}, ${service} in ${environment}`}
      confirm={confirm}
      leave="Decide later"
      isPrimary={isPrimary}
      isDangerous={action === "abort" || action === "roll-back"}
      run={run}
    >
      <p>{sentence(choiceWords(action, pause))}</p>
      {action === "exclude" && <HostsField rollout={rollout} value={hosts} onChange={setNamed} />}
    </ChangeButton>
  );
}

type HostsProps = { rollout: RolloutShape; value: string[]; onChange: (value: string[]) => void };

function HostsField({ rollout: { plan, pause }, value, onChange }: HostsProps) {
  const planned = plan?.batches.flatMap(({ hosts }) => hosts.map(({ name }) => name)) ?? [];
  return (
    <MultiSelect
      label="Hosts"
      description={pause?.hosts.length ? "Of those that failed, what is not named here is tried again." : undefined}
      data={[...new Set([...planned, ...(pause?.hosts ?? [])])]}
      value={value}
      onChange={onChange}
      error={value.length === 0 ? "Name at least one host." : undefined}
      searchable
    />
  );
}

export function ChoiceButtons({ rollout }: { rollout: RolloutShape }) {
  return rollout.pause?.choices.map((action, index) => (
    <ChoiceButton key={action} rollout={rollout} action={action} isPrimary={index === 0} />
  ));
}

const verbs: Readonly<Record<SteerAction, readonly [string, string]>> = {
  retry: ["Retry", "Try again"],
  exclude: ["Exclude", "Go on without"],
  continue: ["Continue", "Go on"],
  "put-back": ["Put back", "Put it back"],
  "roll-back": ["Roll back", "Roll all back"],
  abort: ["Abort", "Leave all as it is"],
};

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
