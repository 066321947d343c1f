import type { Expected, FaultCase, Seen } from "./fault-case.ts";

/** What HAProxy lets through to a host that is gone before two checks have failed, or what finds no HAProxy, at the users' rate. */
const mostLostApart = 300;

/** How what was seen differs from the nearest of the ends that are written down; nothing when it is one of them. */
export function complaintsOf({ expected }: FaultCase, seen: Seen): string[] {
  const [nearest] = expected.map((end) => complaintsAbout(end, seen)).toSorted((a, b) => a.length - b.length);
  return nearest ?? ["no end is written down"];
}

function complaintsAbout(expected: Expected, seen: Seen): string[] {
  const hosts = Object.keys(seen.runs);
  const wanted = (host: string) => {
    const which = expected.except?.[host] ?? expected.hosts;
    return which === "none" ? 0 : which === "new" ? seen.newRelease : seen.oldRelease;
  };
  const out = expected.outOfService ?? [];
  const isIn = (host: string) => seen.inService.includes(host);
  return [
    ...differs("state", seen.state, expected.state, seen.message),
    ...codeComplaints(expected.codes, seen),
    ...(expected.host ? differs("host of the error", seen.host, expected.host) : []),
    ...hosts.flatMap((host) => differs(`release on ${host}`, seen.runs[host], wanted(host))),
    ...hosts.flatMap((host) => differs(`${host} in service`, isIn(host), !out.includes(host))),
    ...seen.holds.filter((hold) => !out.some((host) => hold.endsWith(`/${host}`))).map((hold) => `still held: ${hold}`),
    ...lostComplaints(expected.losesRequestsOn, seen),
  ];
}

function codeComplaints(codes: readonly string[] = [], { code, message }: Seen): string[] {
  if (code === undefined ? codes.length === 0 : codes.includes(code)) return [];
  return [`error code: ${code}, expected ${codes.join(" or ") || "none"} (${message})`];
}

/** None is lost, but on a host whose power was cut while it served: those are counted apart. */
function lostComplaints(dead: string | undefined, { users, lostOn, lostApart }: Seen): string[] {
  const elsewhere = Object.entries(lostOn).filter(([host, lost]) => host !== dead && lost > 0);
  return [
    ...(users.requests > 0 ? [] : ["users sent nothing"]),
    ...(users.lost > 0 ? [`${users.lost} of ${users.requests} requests lost: ${users.words.join("; ")}`] : []),
    ...(lostApart > mostLostApart ? [`${lostApart} requests lost on ${dead ?? "the balancer"}, which was gone`] : []),
    ...elsewhere.map(([host, lost]) => `the balancer lost ${lost} requests on ${host}`),
  ];
}

function differs<T>(what: string, seen: T, wanted: T, words?: string): string[] {
  if (seen === wanted) return [];
  return [`${what}: ${String(seen)}, expected ${String(wanted)}${words ? ` (${words})` : ""}`];
}
