import type { Overview } from "#contract/shapes.ts";
import { exitCodes } from "./cli-error.ts";
import { type Context, print, printJsonLine } from "./context.ts";
import { follow } from "./follow.ts";
import { renderStatus } from "./render-status.ts";

/** Everything at a glance; with `watch` again after each change, until Ctrl-C. */
export const status = async (context: Context, options: { watch?: boolean }): Promise<number> => {
  const client = await context.client();
  const read = () => client.call("overview");
  const lines = (overview: Overview) => renderStatus(overview, context.paint, Date.now());
  if (!options.watch) {
    const overview = await read();
    print(context, overview, () => lines(overview));
    return exitCodes.done;
  }
  const show = (overview: Overview): void => {
    if (context.json) printJsonLine(context, overview);
    else if (context.terminal.live) context.terminal.write(`\u001b[H\u001b[2J${lines(overview).join("\n")}\n`);
    else context.terminal.write(`${lines(overview).join("\n")}\n\n`);
  };
  const concerns = (topic: string) => !topic.startsWith("log/");
  await follow(client, { concerns, read, show, hasEnded: () => false }, context.terminal.interrupted);
  return exitCodes.done;
};
