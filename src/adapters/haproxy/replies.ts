import { SlipwayError } from "#core/errors.ts";
import type { BalancerCounters, ServerSight } from "#ports/balancer.ts";

/** A server as HAProxy has it, from `show stat` and `show servers state` read over one connection. */
export type HaproxyServer = {
  readonly sight: ServerSight;
  readonly hasCheck: boolean;
  /** A check has been sent and not yet answered. */
  readonly isChecking: boolean;
  /** Neither drained nor in maintenance: health and weight alone decide whether it gets requests. */
  readonly isReady: boolean;
  /** Set to maintenance by a person or `disabled` in the configuration, which `drain` and `ready` undo. */
  readonly isForcedMaintenance: boolean;
};

// Bits of srv_admin_state and srv_check_state, from HAProxy's management guide, "show servers state". The bit for
// "disabled in the configuration" (4) is not among them: it stays set after the server has left maintenance.
const forcedMaintenance = 1;
const drainBits = 8 | 16;
const checkInProgress = 1;
const checkConfigured = 2;

const goodChecks = new Set(["L4OK", "L6OK", "L7OK", "PROCOK"]);

/** The servers of a backend; `undefined` where HAProxy does not know the backend. */
export function readServers(reply: string): readonly HaproxyServer[] | undefined {
  if (/^(No such proxy|Can't find backend|No such backend)/m.test(reply)) return undefined;
  const stat = readTable(reply, "# pxname,", ",");
  const states = new Map(readTable(reply, "# be_id ", " ").map((row) => [row.get("srv_name"), row]));
  return stat.map((row) => {
    const state = states.get(row.get("svname"));
    if (!state) throw unreadable(`no state of server ${row.get("svname")}`, reply);
    return readServer(row, state);
  });
}

function readServer(stat: Row, state: Row): HaproxyServer {
  const status = text(stat, "status");
  const admin = count(state, "srv_admin_state");
  const check = count(state, "srv_check_state");
  const hasCheck = (check & checkConfigured) !== 0;
  // `* ` marks a check in progress; what follows is the one before it.
  const checkStatus = text(stat, "check_status").replace(/^\* /, "");
  const isDown = status.startsWith("DOWN");
  const checkOk = !isDown && !status.startsWith("MAINT") && goodChecks.has(checkStatus);
  const isDrained = (admin & drainBits) !== 0;
  return {
    sight: {
      server: text(stat, "svname"),
      state: readState(status, checkStatus, isDrained || count(stat, "weight") === 0),
      // A queued request waits for this very server (its cookie says so): it is as good as in flight.
      inFlight: count(stat, "scur") + count(stat, "qcur"),
      ...(hasCheck ? { checkOk } : {}),
      ...servedBy(stat),
      reason: readReason(stat, status, checkStatus),
    },
    hasCheck,
    isChecking: (check & checkInProgress) !== 0,
    isReady: !isDrained && !status.startsWith("MAINT"),
    isForcedMaintenance: (admin & forcedMaintenance) !== 0,
  };
}

const answerClasses = ["hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx", "hrsp_5xx", "hrsp_other"];

/** What this server answered, and what came of requests that it refused or broke off; a TCP backend counts no answers. */
function servedBy(stat: Row): Pick<ServerSight, "served"> {
  if (text(stat, "hrsp_5xx") === "") return {};
  const lost = count(stat, "econ") + count(stat, "eresp");
  const answered = answerClasses.reduce((sum, key) => sum + count(stat, key), 0);
  return { served: { requests: answered + lost, failed: count(stat, "hrsp_5xx") + lost } };
}

/** `show stat` calls a draining server whose check fails DOWN, so the drain is taken from its own bit. */
function readState(status: string, checkStatus: string, isDraining: boolean): ServerSight["state"] {
  if (status.startsWith("MAINT")) return "maintenance";
  if (isDraining || status.startsWith("DRAIN") || status.startsWith("NOLB")) return "draining";
  if (status.startsWith("UP") || status === "no check") return "in-service";
  // "DOWN 1/2": good once, and it takes two; INI: never checked.
  return checkStatus === "INI" || /^DOWN \d/.test(status) ? "checking" : "down";
}

function readReason(stat: Row, status: string, checkStatus: string): string {
  const code = text(stat, "check_code");
  const words = text(stat, "last_chk") || text(stat, "check_desc");
  const check = checkStatus && `${checkStatus}${code && `/${code}`}${words && ` ${words}`}`;
  const weight = count(stat, "weight") === 0 ? "weight 0" : "";
  return [status, check, weight].filter(Boolean).join(", ");
}

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
    startedAt: readStart(reply, nowMs),
  };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

function readStart(reply: string, nowMs: number): string {
  const start = /^Start_time_sec: (\d+)$/m.exec(reply)?.[1];
  const uptime = /^Uptime_sec: (\d+)$/m.exec(reply)?.[1];
  if (start === undefined && uptime === undefined) throw unreadable("no start time", reply);
  // Before HAProxy 2.5 there is only the uptime, in whole seconds.
  const seconds = start === undefined ? Math.floor(nowMs / 1000) - Number(uptime) : Number(start);
  return new Date(seconds * 1000).toISOString();
}

export const readBackends = (reply: string): readonly string[] =>
  reply.split("\n").filter((line) => line !== "" && !line.startsWith("#"));

/** HAProxy's complaint about a `set` that came before a `show stat`; an empty line is its yes. */
export const readComplaint = (reply: string): string => (reply.split("# pxname,")[0] ?? "").trim().split("\n")[0] ?? "";

type Row = ReadonlyMap<string, string>;

/** Columns are found by their names: each version of HAProxy adds some. */
function readTable(reply: string, header: string, separator: string): readonly Row[] {
  const lines = reply.split("\n");
  const start = lines.findIndex((line) => line.startsWith(header));
  if (start < 0) throw unreadable(`no table "${header.trim()}"`, reply);
  const names = (lines[start] ?? "").slice(2).split(separator);
  const end = lines.indexOf("", start);
  return lines.slice(start + 1, end < 0 ? undefined : end).map((line) => {
    const cells = separator === "," ? readCsvLine(line) : line.split(separator);
    return new Map(names.map((name, at) => [name, cells[at] ?? ""]));
  });
}

/** Cells may be quoted, with quotes doubled: the text of a health answer is one of them. */
function readCsvLine(line: string): readonly string[] {
  return [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell = ""]) =>
    cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
  );
}

const text = (row: Row, column: string): string => row.get(column) ?? "";
const count = (row: Row, column: string): number => Number(row.get(column) || 0);

function unreadable(what: string, reply: string): SlipwayError {
  return new SlipwayError("balancer.unreachable", `HAProxy's answer could not be read: ${what}.`, {
    lastLines: reply.slice(0, 500),
    advice: "Check that the socket is HAProxy's runtime socket, with `level admin`.",
  });
}
