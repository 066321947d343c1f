import { exitCodes, refused } from "./cli-error.ts";
import { type Context, print, printJsonLine } from "./context.ts";
import type { Place } from "./deploy.ts";
import { printableLog } from "./printable.ts";

type Given = Readonly<Record<string, unknown>>;

/** No rollout starts there until the lock ends. */
export const lock = async (context: Context, { service, environment }: Place, options: Given): Promise<number> => {
  const forMs = options.for === undefined ? undefined : millisOf(String(options.for));
  const body = {
    service,
    environment,
    by: whoIs(context, options),
    ...(typeof options.reason === "string" ? { reason: options.reason } : {}),
    ...(forMs === undefined ? {} : { forMs }),
  };
  const made = await (await context.client()).call("lock", { body });
  print(context, made, () => [`${environment}/${service} is locked until ${made.until}`]);
  return exitCodes.done;
};

/** Rollouts may start there again. */
export const unlock = async (context: Context, place: Place, options: Given): Promise<number> => {
  const { service, environment } = place;
  const by = whoIs(context, options);
  const unlocked = await (await context.client()).call("unlock", { body: { service, environment, by } });
  print(context, unlocked, () => [`${environment}/${service} is not locked`]);
  return exitCodes.done;
};

/** Who locked the place and who unlocked it, oldest first. */
export const lockLog = async (context: Context, id: string): Promise<number> => {
  const client = await context.client();
  let after = 0;
  for (;;) {
    const { chunks, ended } = await client.call("log", { params: { id }, query: { after } });
    for (const chunk of chunks)
      if (context.json) printJsonLine(context, { log: chunk });
      else context.terminal.write(printableLog(chunk.text, context.terminal.colour));
    after = chunks.at(-1)?.seq ?? after;
    if (ended || chunks.length === 0) return exitCodes.done;
  }
};

const whoIs = (context: Context, { by }: Given): string => (typeof by === "string" ? by : context.terminal.user);

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function millisOf(text: string): number {
  const [, count, unit = ""] = /^(\d{1,5})([smhd])$/.exec(text) ?? [];
  if (count === undefined)
    throw refused(`${JSON.stringify(text)} is no duration.`, "Write a number and s, m, h or d: 30m.");
  return Number(count) * (units[unit] ?? 0);
}
