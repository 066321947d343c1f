import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Alerts, AlertsAt, Silence } from "./alerts.ts";

export type AlertsHarness = {
  readonly alerts: Alerts;
  readonly at: AlertsAt;
  /** Another entry of fleet.yaml at the very same place. */
  readonly beside: AlertsAt;
  /** How many silences of that owner the entry has in force now, and when the last ends where that can be known. */
  inForce(at: AlertsAt, owner: string): Promise<{ readonly count: number; readonly endsAt?: string }>;
  /** Whether it can be known there when a silence ends. */
  readonly hasEnds: boolean;
  /** Silences the same alerts as a person would; resolves with whether that silence is in force. */
  silenceByHand(): Promise<() => Promise<boolean>>;
};

const limit = () => AbortSignal.timeout(20_000);
const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();
let owners = 0;
const silenceFor = (): Silence => {
  const owner = `rollout-${++owners}`;
  return {
    owner,
    service: "hello",
    environment: "production",
    words: "rollout 12 of hello r7",
    url: `http://127.0.0.1:8080/#/rollouts/${owner}`,
    until: inMinutes(10),
  };
};

/** What everything that can be silent must do. `open` is called once per test. */
export function alertsContract(name: string, open: () => AlertsHarness | Promise<AlertsHarness>): void {
  describe(`${name} is silent for a rollout`, () => {
    test("once, however often it is asked, and heard again when it is lifted, also twice", async () => {
      const { alerts, at, inForce } = await open();
      const silence = silenceFor();
      for (let time = 0; time < 2; time++) await alerts.silence(at, silence, limit());
      assert.equal((await inForce(at, silence.owner)).count, 1);
      for (let time = 0; time < 2; time++) await alerts.lift(at, silence, limit());
      assert.equal((await inForce(at, silence.owner)).count, 0);
    });

    test("for longer when the lease is renewed", async () => {
      const { alerts, at, inForce, hasEnds } = await open();
      const silence = silenceFor();
      await alerts.silence(at, silence, limit());
      const until = inMinutes(20);
      await alerts.silence(at, { ...silence, until, isRenewal: true }, limit());
      const { count, endsAt } = await inForce(at, silence.owner);
      assert.equal(count, 1);
      if (hasEnds) assert.equal(Date.parse(endsAt ?? ""), Date.parse(until));
      await alerts.lift(at, silence, limit());
    });

    test("and what a person or another rollout silenced stays silent", async () => {
      const { alerts, at, inForce, silenceByHand } = await open();
      const [mine, other] = [silenceFor(), silenceFor()];
      const isSilentByHand = await silenceByHand();
      for (const silence of [mine, other]) await alerts.silence(at, silence, limit());
      await alerts.lift(at, mine, limit());
      assert.equal((await inForce(at, mine.owner)).count, 0);
      assert.equal((await inForce(at, other.owner)).count, 1);
      assert.ok(await isSilentByHand());
      await alerts.lift(at, other, limit());
    });

    test("and each entry at one place keeps its own silence", async () => {
      const { alerts, at, beside, inForce } = await open();
      const silence = silenceFor();
      const counts = async () => [
        (await inForce(at, silence.owner)).count,
        (await inForce(beside, silence.owner)).count,
      ];
      for (const entry of [at, beside]) await alerts.silence(entry, silence, limit());
      assert.deepEqual(await counts(), [1, 1]);
      await alerts.lift(at, silence, limit());
      assert.deepEqual(await counts(), [0, 1]);
      await alerts.lift(beside, silence, limit());
      assert.deepEqual(await counts(), [0, 0]);
    });

    test("and an aborted call rejects with the reason", async () => {
      const { alerts, at } = await open();
      const ended = AbortSignal.abort(new Error("the server stops"));
      await assert.rejects(alerts.silence(at, silenceFor(), ended), /the server stops/);
      await assert.rejects(alerts.lift(at, silenceFor(), ended), /the server stops/);
    });
  });
}
