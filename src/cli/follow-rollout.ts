import type { RolloutDetail, RolloutShape } from "#contract/shapes.ts";
import type { Context } from "./context.ts";
import { follow } from "./follow.ts";
import { LiveLines } from "./live-lines.ts";
import { hasEnded, laneLines, rolloutTitle, timelineLine } from "./render-rollout.ts";

/** Shows a rollout's progress until it has ended; resolves with undefined when a person stopped following. */
export const followRollout = async (
  context: Context,
  { id, ...rollout }: RolloutShape,
): Promise<RolloutDetail | undefined> => {
  const { terminal, json, paint } = context;
  const client = await context.client();
  if (!json && !terminal.live) terminal.write(`${rolloutTitle({ id, ...rollout })}\n`);
  return follow(
    client,
    {
      concerns: (topic) => topic === `rollout/${id}`,
      read: () => client.call("rollout", { params: { id } }),
      show: json ? () => {} : terminal.live ? lanes(context) : newLines((line) => terminal.write(`${line}\n`), paint),
      hasEnded: (detail) => hasEnded(detail.rollout),
    },
    terminal.interrupted,
  );
};

const lanes = ({ terminal, paint }: Context): ((detail: RolloutDetail) => void) => {
  const live = new LiveLines(terminal.write, terminal.height);
  return (detail) => live.draw(laneLines(detail, paint, terminal.width, Date.now()));
};

/** Writes each event of the timeline once, however often the rollout is shown. */
export const newLines = (write: (line: string) => void, paint: Context["paint"]): ((detail: RolloutDetail) => void) => {
  let seen = 0;
  return ({ timeline }) => {
    for (const event of timeline.filter(({ seq }) => seq > seen)) {
      write(timelineLine(event, paint));
      seen = event.seq;
    }
  };
};
