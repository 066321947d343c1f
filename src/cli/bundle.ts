import { failedHosts, named as namedHosts } from "#contract/rollout-words.ts";
import { exitCodes, refused } from "./cli-error.ts";
import type { Client } from "./client.ts";
import { type Context, print } from "./context.ts";
import { printableText } from "./printable.ts";
import { idOf } from "./single-calls.ts";

/** What was kept of a host that failed in a rollout. */
export const bundle = async (context: Context, named: string, host: string | undefined): Promise<number> => {
  const client = await context.client();
  const id = idOf(named);
  const answer = await client.call("bundle", { params: { id, host: host ?? (await onlyFailed(client, id)) } });
  print(context, answer, () => [printableText(answer.text).trimEnd()]);
  return exitCodes.done;
};

const onlyFailed = async (client: Client, id: string): Promise<string> => {
  const { rollout, timeline } = await client.call("rollout", { params: { id } });
  const [host, ...more] = failedHosts(timeline);
  if (host !== undefined && more.length === 0) return host;
  if (host === undefined)
    throw refused(`No host failed in rollout ${rollout.number}.`, "A bundle is kept of each host that fails.");
  throw refused(
    `More than one host failed in rollout ${rollout.number}: ${namedHosts([host, ...more])}.`,
    `Say which: \`slipway bundle ${rollout.number} ${host}\`.`,
  );
};
