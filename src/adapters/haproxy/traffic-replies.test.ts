import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readCounters, readTimers } from "./traffic-replies.ts";

/** Answers of HAProxy 2.6 to the lines of commands.ts. */
const recorded = (name: string) => readFileSync(new URL(`recorded/${name}.txt`, import.meta.url), "utf8");

test("counters: one application error, one broken answer", () => {
  const { startedAt, ...counted } = readCounters(recorded("counters"), 0) ?? assert.fail();
  assert.deepEqual(counted, { requests: 2, failed: 1, cut: 1 });
  const start = /^Start_time_sec: (\d+)$/m.exec(recorded("counters"))?.[1];
  assert.equal(startedAt, new Date(Number(start) * 1000).toISOString());
});

const counterRow = (stot: number, answered: number, scur: number) =>
  `# pxname,scur,stot,econ,req_tot,hrsp_5xx,srv_abrt\nhello,${scur},${stot},0,${answered},4,0\n\n`;

test("requests that were never answered have failed; one caught between two counters has not", () => {
  const uptime = "Name: HAProxy\nUptime_sec: 90\n";
  const lost = counterRow(20, 15, 2).repeat(3) + uptime;
  assert.equal(readCounters(lost, 100_000)?.failed, 4 + 3);
  assert.equal(readCounters(lost, 100_000)?.startedAt, new Date(10_000).toISOString());
  const caught = counterRow(20, 20, 0) + counterRow(21, 20, 0) + counterRow(21, 20, 1) + uptime;
  assert.equal(readCounters(caught, 100_000)?.failed, 4);
});

test("a backend that is not there has neither counters nor timers", () => {
  assert.equal(readCounters("No such proxy.\n\nName: HAProxy\n", 0), undefined);
  assert.equal(readTimers("No such proxy.\n\nName: HAProxy\n", 0), undefined);
});

test("timers: a request of 700 ms, on a connection that had waited 1.5 s for it", () => {
  assert.match(recorded("timers"), /,220[0-9],/, "ttime_max has the wait in it");
  assert.deepEqual(readTimers(recorded("timers"), 0), {
    longestRequestMs: 700,
    checksToAdmit: 3,
    checksToFail: 2,
    checkTookMs: 2,
    since: "2026-11-23T19:26:05.000Z",
  });
});

test("timers: of mode tcp the longest connection; what has not been seen is not told", () => {
  const row = (mode: string, rtime: number, ttime: number) =>
    `# pxname,svname,mode,check_rise,rtime_max,ttime_max,qtime_max\nhello,web-1,,,,,\nhello,BACKEND,${mode},,${rtime},${ttime},0\n\nStart_time_sec: 0\n`;
  assert.equal(readTimers(row("tcp", 0, 900), 0)?.longestRequestMs, 900);
  assert.deepEqual(readTimers(row("http", 0, 900), 0), { since: "1970-01-01T00:00:00.000Z" });
});
