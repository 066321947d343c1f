import type { BalancerCounters, BalancerTimers } from "#ports/balancer.ts";
import { readProcess } from "./process-reply.ts";
import { count, type Row, readTable, text, unreadable } from "./reply-table.ts";

/**
 * What each counter of HAProxy 2.6 was seen to count, by breaking an application on purpose:
 * - stot: every request. hrsp_*, and their sum req_tot: every answer, at its end.
 * - hrsp_5xx of the backend's row: the application's own 5xx, and the 502, 503 and 504 that HAProxy answers itself for
 *   a refused, reset or silent server. So econ and eresp are in it already; adding them would count twice (a reset is
 *   even two eresp).
 * - Requests on a reused connection that dies are closed without any answer, and no error counter tells of most of
 *   them: they are what is missing between stot and req_tot when those in flight (scur) are taken off.
 * - srv_abrt: answers broken off in the middle. (And a few of the unanswered: those few are counted as both.)
 * - wretr, wredis: tried again and then answered. The user saw no failure: not counted.
 * Clients that leave early are counted by none of these. A backend in `mode tcp` has no answers to count; there it is
 * econ that failed.
 */
export function readCounters(reply: string, nowMs: number): BalancerCounters | undefined {
  if (/^No such proxy/m.test(reply)) return undefined;
  const rows = reply
    .split("# pxname,")
    .slice(1)
    .map((part) => readTable(`# pxname,${part}`, "# pxname,", ",")[0]);
  const row = rows.at(-1);
  if (!row) throw unreadable("no row of the backend", reply);
  const isHttp = text(row, "hrsp_5xx") !== "";
  const unanswered = rows.map((each) =>
    each ? count(each, "stot") - count(each, "req_tot") - count(each, "scur") : 0,
  );
  return {
    requests: count(row, "stot"),
    failed: isHttp ? count(row, "hrsp_5xx") + Math.max(0, median(unanswered)) : count(row, "econ"),
    cut: count(row, "srv_abrt"),
    startedAt: readProcess(reply, nowMs).startedAt,
  };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** The largest of what the rows tell; a cell that is empty tells nothing. */
const largest = (rows: readonly Row[], column: string): number | undefined => {
  const told = rows.map((row) => text(row, column)).filter((cell) => cell !== "");
  return told.length > 0 ? Math.max(...told.map(Number)) : undefined;
};

/** A backend that has not yet had a request tells 0, which is no measure of anything. */
const seen = (ms: number | undefined): number | undefined => ms || undefined;

/** Which column each number comes from, and what it is not, is said in the port. */
export function readTimers(reply: string, nowMs: number): BalancerTimers | undefined {
  if (/^No such proxy/m.test(reply)) return undefined;
  const rows = readTable(reply, "# pxname,", ",");
  const backend = rows.filter((row) => text(row, "svname") === "BACKEND");
  if (!backend[0]) throw unreadable("no row of the backend", reply);
  const longest = text(backend[0], "mode") === "tcp" ? "ttime_max" : "rtime_max";
  return withoutUntold({
    longestRequestMs: seen(largest(backend, longest)),
    longestQueueMs: seen(largest(backend, "qtime_max")),
    checksToAdmit: largest(rows, "check_rise"),
    checksToFail: largest(rows, "check_fall"),
    checkTookMs: largest(rows, "check_duration"),
    since: readProcess(reply, nowMs).startedAt,
  });
}

type Untold<T> = { [Key in keyof T]: T[Key] | undefined };

const withoutUntold = (timers: Untold<BalancerTimers>): BalancerTimers =>
  Object.fromEntries(Object.entries(timers).filter(([, told]) => told !== undefined));
