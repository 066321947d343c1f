import assert from "node:assert/strict";
import { test } from "node:test";
import { SlipwayError } from "#core/errors.ts";
import { patiently } from "./patience.ts";
import { NoAnswer } from "./runtime-socket.ts";

/** Time that passes by being slept through. */
function fastClock() {
  let now = 0;
  return {
    now: () => now,
    async sleep(ms: number, signal: AbortSignal) {
      signal.throwIfAborted();
      now += ms;
    },
  };
}

const refused = new NoAnswer("balancer.unreachable", "connect ECONNREFUSED");
const never = new AbortController().signal;

/** Fails until that time has come. */
const until = (clock: { now(): number }, ms: number, error: unknown) => async () => {
  if (clock.now() < ms) throw error;
  return "answer";
};

test("an outage of 30 s is waited out, and told", async () => {
  const clock = fastClock();
  const told: string[] = [];
  const deps = { clock, signal: never, outageMs: 60_000, onTrouble: (words: string) => told.push(words) };
  assert.equal(await patiently(until(clock, 30_000, refused), deps), "answer");
  assert.deepEqual(new Set(told), new Set(["connect ECONNREFUSED"]));
});

test("a longer one than is allowed is a failure, with the last silence as its reason", async () => {
  const clock = fastClock();
  const deps = { clock, signal: never, outageMs: 60_000 };
  await assert.rejects(patiently(until(clock, 70_000, refused), deps), (error) => error === refused);
  assert.ok(clock.now() > 59_000 && clock.now() <= 60_000, String(clock.now()));
});

test("whoever is not patient fails at the first silence", async () => {
  const clock = fastClock();
  await assert.rejects(patiently(until(clock, 1, refused), { clock, signal: never, outageMs: 0 }), refused);
  assert.equal(clock.now(), 0);
});

test("a way through SSH that is down is an outage too; an answer that says no is none", async () => {
  const deps = (clock: ReturnType<typeof fastClock>) => ({ clock, signal: never, outageMs: 60_000 });
  for (const code of ["host.unreachable", "bastion.unreachable"] as const) {
    const clock = fastClock();
    assert.equal(await patiently(until(clock, 5_000, new SlipwayError(code, "down")), deps(clock)), "answer");
  }
  for (const code of ["balancer.unreachable", "balancer.unknown-server", "host.key-changed"] as const) {
    const clock = fastClock();
    const answer = new SlipwayError(code, "Permission denied");
    await assert.rejects(patiently(until(clock, 5_000, answer), deps(clock)), (error) => error === answer);
    assert.equal(clock.now(), 0);
  }
});

test("an abort in the middle of an outage rejects with its reason", async () => {
  const clock = fastClock();
  const cancel = new AbortController();
  const reason = new Error("cancelled");
  const deps = { clock, signal: cancel.signal, outageMs: 60_000, onTrouble: () => cancel.abort(reason) };
  await assert.rejects(patiently(until(clock, 5_000, refused), deps), (error) => error === reason);
});
