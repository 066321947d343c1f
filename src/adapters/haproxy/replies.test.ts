import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { SlipwayError } from "#core/errors.ts";
import { readBackends, readComplaint, readServers } from "./replies.ts";

/** Answers of HAProxy 2.6 to the lines of commands.ts. */
const recorded = (name: string) => readFileSync(new URL(`recorded/${name}.txt`, import.meta.url), "utf8");

test("a failing, a drained and a switched-off server", () => {
  const { servers, process } = readServers(recorded("servers"), 0) ?? assert.fail();
  assert.deepEqual(process, { startedAt: "2026-11-23T19:26:05.000Z", isStopping: false });
  assert.ok(servers.every(({ sight }) => sight.balancerStartedAt === process.startedAt));
  assert.deepEqual(
    servers.map(({ sight: { served: _served, balancerStartedAt: _, ...sight } }) => sight),
    [
      {
        server: "web-1",
        state: "down",
        inFlight: 0,
        checkOk: false,
        reason: "DOWN, L7STS/503 Service Unavailable",
      },
      {
        server: "web-2",
        state: "draining",
        inFlight: 0,
        checkOk: true,
        reason: "DRAIN, L7OK/200 Layer7 check passed",
      },
      { server: "web-3", state: "maintenance", inFlight: 0, checkOk: false, reason: "MAINT" },
    ],
  );
  assert.deepEqual(
    servers.map(({ hasCheck, isChecking, isReady, isForcedMaintenance }) => [
      hasCheck,
      isChecking,
      isReady,
      isForcedMaintenance,
    ]),
    [
      [true, false, true, false],
      [true, false, false, false],
      [true, false, false, true],
    ],
  );
});

test("what each server answered, its own failures apart", () => {
  const served = (readServers(recorded("servers"), 0)?.servers ?? []).map(({ sight }) => sight.served);
  for (const count of served) {
    assert.ok(count && count.requests >= count.failed && count.failed >= 0);
  }
});

/** A small table as other versions and moments give it; columns in another order on purpose. */
function seen(stat: { status: string; check?: string; scur?: number; qcur?: number }, admin = 0, check = 6) {
  const reply = [
    "# pxname,svname,status,weight,check_status,check_code,last_chk,scur,qcur,brand_new",
    `hello,web-1,${stat.status},1,${stat.check ?? "L7OK"},,,${stat.scur ?? 0},${stat.qcur ?? 0},9`,
    "",
    "1",
    "# be_id srv_name srv_check_state srv_admin_state",
    `3 web-1 ${check} ${admin}`,
    "",
    "",
  ].join("\n");
  return readServers(`${reply}Stopping: 0\nStart_time_sec: 0\n`, 0)?.servers[0] ?? assert.fail("no server");
}

test("the states and what they stand on", () => {
  const cases: [Parameters<typeof seen>, string, boolean | undefined][] = [
    [[{ status: "UP" }], "in-service", true],
    [[{ status: "UP 1/3", check: "L4TOUT" }], "in-service", false],
    [[{ status: "UP", check: "INI" }], "in-service", false],
    [[{ status: "UP", check: "* L7OK" }, 0, 7], "in-service", true],
    [[{ status: "no check", check: "" }, 0, 0], "in-service", undefined],
    [[{ status: "DRAIN", check: "" }, 8, 0], "draining", undefined],
    [[{ status: "DOWN" }, 8], "draining", false],
    [[{ status: "NOLB", check: "L7OKC" }], "draining", false],
    [[{ status: "DOWN 1/2" }], "checking", false],
    [[{ status: "DOWN", check: "INI" }], "checking", false],
    [[{ status: "DOWN", check: "L4CON" }], "down", false],
    [[{ status: "MAINT (resolution)", check: "" }, 32], "maintenance", false],
  ];
  for (const [server, state, checkOk] of cases) {
    const { sight } = seen(...server);
    assert.deepEqual([sight.state, sight.checkOk], [state, checkOk], JSON.stringify(server));
  }
});

test("what is queued for a server is in flight too", () => {
  assert.equal(seen({ status: "DRAIN", scur: 2, qcur: 3 }, 8).sight.inFlight, 5);
});

test("a cell with commas and quotes does not shift the columns", () => {
  const reply = recorded("servers").replace("Service Unavailable", '"not, ""yet"", ready"');
  assert.equal(readServers(reply, 0)?.servers[0]?.sight.reason, 'DOWN, L7STS/503 not, "yet", ready');
});

test("an unknown backend is no backend; what is no table is an unreachable balancer", () => {
  assert.equal(readServers(recorded("unknown-backend"), 0), undefined);
  assert.deepEqual(readBackends(recorded("backends")), ["hello", "help"]);
  const isUnreachable = (error: unknown) => error instanceof SlipwayError && error.code === "balancer.unreachable";
  assert.throws(() => readServers("HTTP/1.1 400 Bad Request\r\n", 0), isUnreachable);
  assert.throws(() => readServers("Unknown command\n", 0), isUnreachable);
});

test("a complaint is told from a yes", () => {
  assert.equal(readComplaint(recorded("complaint")), "No such server.");
  assert.equal(readComplaint(`\n${recorded("servers")}`), "");
});

test("a process that is ending says so", () => {
  const reply = recorded("servers").replace("Stopping: 0", "Stopping: 1");
  assert.equal(readServers(reply, 0)?.process.isStopping, true);
});
