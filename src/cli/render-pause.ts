import { choiceWords, pauseReason } from "#contract/rollout-words.ts";
import type { RolloutShape } from "#contract/shapes.ts";
import type { Paint } from "./paint.ts";
import { printableLine } from "./printable.ts";
import { renderError } from "./render-error.ts";
import { indented } from "./render-status.ts";
import { tableLines } from "./table.ts";
import { clockTime } from "./words.ts";

/** Why a rollout waits for a person, and the exact command of each choice. */
export const renderPause = (rollout: RolloutShape, paint: Paint): string[] => {
  const { pause, number } = rollout;
  if (!pause) return [];
  const hosts = pause.hosts.length === 0 ? " <host>..." : "";
  const choices = pause.choices.map((choice) => [
    `slipway steer ${number} ${choice}${choice === "exclude" ? hosts : ""}`,
    choiceWords(choice, pause),
  ]);
  return [
    paint(`Rollout ${number} is paused: ${printableLine(pauseReason(pause))}`, "red"),
    ...indented(pause.error ? renderError(pause.error, paint) : [printableLine(pause.message)]),
    ...bundles(rollout),
    "",
    "Choose how it goes on:",
    ...indented(tableLines(choices, paint)),
    paint(`Without a choice it is put back at ${pause.until.slice(0, 10)} ${clockTime(pause.until)} UTC.`, "dim"),
  ];
};

/** What was kept of each failed host says more than the last lines do. */
const bundles = ({ number, pause }: RolloutShape): string[] => {
  const [host, ...more] = pause?.why === "failure" ? pause.hosts : [];
  if (host === undefined) return [];
  return [`  More: slipway bundle ${number} ${more.length > 0 ? "<host>" : printableLine(host)}`];
};
