import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Alerts, AlertsAt, Silence } from "./alerts.ts";

export type AlertsHarness = {
  readonly alerts: Alerts;
  readonly at: AlertsAt;
  /** How many silences of that owner are in force now, and when the last of them ends. */
  inForce(owner: string): Promise<{ readonly count: number; readonly endsAt?: string }>;
  /** Silences the same alerts as a person would; resolves with whether that silence is in force. */
  silenceByHand(): Promise<() => Promise<boolean>>;
};

const limit = () => AbortSignal.timeout(20_000);
const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();
let owners = 0;
const silenceFor = (change: Partial<Silence> = {}): Silence => ({
  owner: `rollout-${++owners}`,
  service: "hello",
  environment: "production",
  words: "rollout 12 of hello r7",
  until: inMinutes(10),
  ...change,
});

/** What everything that can be silent must do. `open` is called once per test. */
export function alertsContract(name: string, open: () => AlertsHarness | Promise<AlertsHarness>): void {
  describe(`${name} is silent for a rollout`, () => {
    test("once, however often it is asked, and heard again when it is lifted, also twice", async () => {
      const { alerts, at, inForce } = await open();
      const silence = silenceFor();
      for (let time = 0; time < 2; time++) await alerts.silence(at, silence, limit());
      assert.equal((await inForce(silence.owner)).count, 1);
      for (let time = 0; time < 2; time++) await alerts.lift(at, silence, limit());
      assert.equal((await inForce(silence.owner)).count, 0);
    });

    test("for longer when the lease is renewed", async () => {
      const { alerts, at, inForce } = await open();
      const silence = silenceFor();
      await alerts.silence(at, silence, limit());
      const until = inMinutes(20);
      await alerts.silence(at, { ...silence, until }, limit());
      const { count, endsAt } = await inForce(silence.owner);
      assert.equal(count, 1);
      assert.equal(Date.parse(endsAt ?? ""), Date.parse(until));
      await alerts.lift(at, silence, limit());
    });

    test("and what a person or another rollout silenced stays silent", async () => {
      const { alerts, at, inForce, silenceByHand } = await open();
      const [mine, other] = [silenceFor(), silenceFor()];
      const isSilentByHand = await silenceByHand();
      for (const silence of [mine, other]) await alerts.silence(at, silence, limit());
      await alerts.lift(at, mine, limit());
      assert.equal((await inForce(mine.owner)).count, 0);
      assert.equal((await inForce(other.owner)).count, 1);
      assert.ok(await isSilentByHand());
      await alerts.lift(at, other, limit());
    });
  });
}
