import { exitCodes } from "./cli-error.ts";
import type { Context } from "./context.ts";
import { idOf } from "./single-calls.ts";

/** JSON either way: it is for `slipway rehearse` to read. */
export const exportRollout = async (context: Context, named: string): Promise<number> => {
  const exported = await (await context.client()).call("export", { params: { id: idOf(named) } });
  context.terminal.write(`${JSON.stringify(exported, undefined, 2)}\n`);
  return exitCodes.done;
};
