import { unreadable } from "./reply-table.ts";

/** The process that answered: after a restart or a reload it is another one, which knows nothing of our drains. */
export type HaproxyProcess = {
  readonly startedAt: string;
  /**
   * It was told to end and finishes what it has. In the moment of a reload such a one was seen to answer still: what it
   * is ordered is lost with it.
   */
  readonly isStopping: boolean;
};

/** From `show info`. */
export function readProcess(reply: string, nowMs: number): HaproxyProcess {
  const start = /^Start_time_sec: (\d+)$/m.exec(reply)?.[1];
  const uptime = /^Uptime_sec: (\d+)$/m.exec(reply)?.[1];
  if (start === undefined && uptime === undefined) throw unreadable("no start time", reply);
  // Before HAProxy 2.5 there is only the uptime, in whole seconds.
  const seconds = start === undefined ? Math.floor(nowMs / 1000) - Number(uptime) : Number(start);
  return { startedAt: new Date(seconds * 1000).toISOString(), isStopping: /^Stopping: 1$/m.test(reply) };
}
