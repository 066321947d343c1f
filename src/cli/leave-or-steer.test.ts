import assert from "node:assert/strict";
import { test } from "node:test";
import type { RolloutShape } from "#contract/shapes.ts";
import { rolloutShape } from "#contract/shapes.ts";
import { fakePause, fakeRollout } from "#test/fakes/use-cases.ts";
import { leaveOrSteer } from "./leave-or-steer.ts";
import { makePaint } from "./paint.ts";

const paused = rolloutShape.parse({ ...fakeRollout(7), state: "paused", pause: fakePause() });

/** A person who types these lines, at a server where the rollout is as `now` says. */
const person = (lines: readonly (string | undefined)[], now: () => RolloutShape = () => paused) => {
  const sent: unknown[] = [];
  let written = "";
  const answers = [...lines];
  const ask = async (_question: string, signal: AbortSignal) => {
    if (answers.length > 0) return answers.shift();
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    return undefined;
  };
  const call = async (name: string, { body }: { body?: unknown }) => {
    if (name === "steer") sent.push(body);
    return { rollout: now(), timeline: [], hosts: [] };
  };
  const changes = async function* () {};
  const write = (text: string) => {
    written += text;
  };
  const terminal = { write, warn: write, ask, user: "ana", interrupted: new AbortController().signal };
  const client = { server: "http://here", call, changes };
  const context = { terminal, paint: makePaint(false), json: false, client: async () => client };
  return { context: context as never, sent, written: () => written };
};

test("a person at a terminal is asked until the answer is one of the choices", async () => {
  const { context, sent, written } = person(["restart", " Retry "]);
  assert.equal(await leaveOrSteer(context, paused, {}), true);
  assert.deepEqual(sent, [{ action: "retry", by: "ana", pause: 1 }]);
  assert.match(written(), /web-2 failed.*"restart" is none of them/s);
});

test("Enter and Ctrl-C leave it paused", async () => {
  for (const line of ["", undefined]) {
    const { context, sent } = person([line]);
    assert.equal(await leaveOrSteer(context, paused, {}), false);
    assert.deepEqual(sent, []);
  }
});

test("a choice that somebody makes on the page ends the question", { timeout: 10_000 }, async () => {
  let looks = 0;
  const { pause: _, ...running } = paused;
  const { context, sent, written } = person([], () => (++looks > 1 ? { ...running, state: "running" } : paused));
  assert.equal(await leaveOrSteer(context, paused, {}), true);
  assert.deepEqual(sent, []);
  assert.match(written(), /Somebody has chosen meanwhile/);
});
