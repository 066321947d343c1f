import type { PauseShape, RolloutShape, SteerAction } from "#contract/shapes.ts";
import { CliError } from "./cli-error.ts";
import type { Client } from "./client.ts";
import { type Context, print } from "./context.ts";
import { follow } from "./follow.ts";
import { renderError } from "./render-error.ts";
import { renderPause } from "./render-pause.ts";

/** Shows a pause and its choices, and asks at a terminal; false when the rollout is left paused. */
export const leaveOrSteer = async (
  context: Context,
  rollout: RolloutShape,
  { by }: { readonly by?: string },
): Promise<boolean> => {
  const { terminal, json, paint } = context;
  print(context, rollout, () => renderPause(rollout, paint));
  const { pause } = rollout;
  if (json || !terminal.ask || !pause) return false;
  const client = await context.client();
  const choice = await choiceOf(context, client, rollout, pause);
  if (choice === "left") return false;
  if (choice === "made elsewhere") {
    terminal.write("\nSomebody has chosen meanwhile.\n");
    return true;
  }
  const body = { ...choice, by: by ?? terminal.user, pause: pause.number };
  try {
    await client.call("steer", { params: { id: rollout.id }, body });
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    // The next look at the rollout says where it is now.
    terminal.warn(`${renderError(error.error, paint).join("\n")}\n`);
  }
  return true;
};

type Answer = { readonly action: SteerAction; readonly hosts?: string[] } | "left" | "made elsewhere";

/** Asks until there is an answer; a choice that is made elsewhere, on the page say, ends the question. */
const choiceOf = async (
  { terminal }: Context,
  client: Client,
  { id }: RolloutShape,
  { number, choices }: PauseShape,
): Promise<Answer> => {
  const end = new AbortController();
  const elsewhere = follow(
    client,
    {
      concerns: (topic) => topic === `rollout/${id}`,
      read: async () => (await client.call("rollout", { params: { id } })).rollout.pause?.number,
      show: () => {},
      hasEnded: (pause) => pause !== number,
    },
    AbortSignal.any([terminal.interrupted, end.signal]),
  ).then(() => end.abort());
  try {
    for (;;) {
      const typed = await terminal.ask?.(`Your choice (${choices.join(", ")}; Enter leaves it paused): `, end.signal);
      if (end.signal.aborted && !terminal.interrupted.aborted) return "made elsewhere";
      const [word = "", ...hosts] = typed?.trim().split(/[\s,]+/) ?? [];
      if (word === "") return "left";
      const action = choices.find((each) => each === word.toLowerCase());
      if (action && (hosts.length === 0 || action === "exclude"))
        return { action, ...(hosts.length > 0 ? { hosts } : {}) };
      terminal.write(`${JSON.stringify(typed?.trim())} is none of them.\n`);
    }
  } finally {
    end.abort();
    await elsewhere;
  }
};
