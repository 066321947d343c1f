import { isOpen } from "#contract/rollout-words.ts";
import type { RolloutDetail, RolloutShape } from "#contract/shapes.ts";
import type { Context } from "./context.ts";
import { follow } from "./follow.ts";
import { LiveLines } from "./live-lines.ts";
import { laneLines, rolloutTitle, timelineLine } from "./render-rollout.ts";

/** What the person has seen already: the number of the last pause they know of, and of the last event. */
export type Told = { readonly pause?: number; readonly seq?: number };

/**
 * Shows a rollout's progress until it has ended or pauses; resolves with undefined when a person stopped following.
 */
export const followRollout = async (
  context: Context,
  { id, ...rollout }: RolloutShape,
  { pause = 0, seq = 0 }: Told = {},
): Promise<RolloutDetail | undefined> => {
  const { terminal, json, paint } = context;
  const client = await context.client();
  if (!json && !terminal.live && seq === 0) terminal.write(`${rolloutTitle({ id, ...rollout })}\n`);
  const lines = newLines((line) => terminal.write(`${line}\n`), paint, seq);
  return follow(
    client,
    {
      concerns: (topic) => topic === `rollout/${id}`,
      read: () => client.call("rollout", { params: { id } }),
      show: json ? () => {} : terminal.live ? lanes(context) : lines,
      hasEnded: (detail) => !isOpen(detail.rollout.state) || (detail.rollout.pause?.number ?? 0) > pause,
    },
    terminal.interrupted,
  );
};

const lanes = ({ terminal, paint }: Context): ((detail: RolloutDetail) => void) => {
  const live = new LiveLines(terminal.write, terminal.height);
  return (detail) => live.draw(laneLines(detail, paint, terminal.width, Date.now()));
};

/** Writes each event of the timeline after `seen` once, however often the rollout is shown. */
export const newLines = (
  write: (line: string) => void,
  paint: Context["paint"],
  seen = 0,
): ((detail: RolloutDetail) => void) => {
  let last = seen;
  return ({ timeline }) => {
    for (const event of timeline.filter(({ seq }) => seq > last)) {
      write(timelineLine(event, paint));
      last = event.seq;
    }
  };
};
