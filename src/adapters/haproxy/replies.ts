import type { ServerSight } from "#ports/balancer.ts";
import { type HaproxyProcess, readProcess } from "./process-reply.ts";
import { count, type Row, readTable, text, unreadable } from "./reply-table.ts";

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
  /** Connections to it that wait for a next request. */
  readonly idleConnections: number;
};

export type HaproxyServers = { readonly servers: readonly HaproxyServer[]; readonly process: HaproxyProcess };

// Bits of srv_admin_state and srv_check_state, from HAProxy's management guide, "show servers state". The bit for
// "disabled in the configuration" (4) is not among them: it stays set after the server has left maintenance.
const forcedMaintenance = 1;
const drainBits = 8 | 16;
const checkInProgress = 1;
const checkConfigured = 2;

const goodChecks = new Set(["L4OK", "L6OK", "L7OK", "PROCOK"]);

/** The servers of a backend; `undefined` where HAProxy does not know the backend. */
export function readServers(reply: string, nowMs: number): HaproxyServers | undefined {
  if (/^(No such proxy|Can't find backend|No such backend)/m.test(reply)) return undefined;
  const stat = readTable(reply, "# pxname,", ",");
  const states = new Map(readTable(reply, "# be_id ", " ").map((row) => [row.get("srv_name"), row]));
  const process = readProcess(reply, nowMs);
  const servers = stat.map((row) => {
    const state = states.get(row.get("svname"));
    if (!state) throw unreadable(`no state of server ${row.get("svname")}`, reply);
    return readServer(row, state, process);
  });
  return { servers, process };
}

function readServer(stat: Row, state: Row, process: HaproxyProcess): HaproxyServer {
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
      balancerStartedAt: process.startedAt,
    },
    hasCheck,
    isChecking: (check & checkInProgress) !== 0,
    isReady: !isDrained && !status.startsWith("MAINT"),
    isForcedMaintenance: (admin & forcedMaintenance) !== 0,
    idleConnections: count(stat, "idle_conn_cur") + count(stat, "safe_conn_cur"),
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

export const readBackends = (reply: string): readonly string[] =>
  reply.split("\n").filter((line) => line !== "" && !line.startsWith("#"));

/** HAProxy's complaint about a `set` that came before a `show stat`; an empty line is its yes. */
export const readComplaint = (reply: string): string => (reply.split("# pxname,")[0] ?? "").trim().split("\n")[0] ?? "";
