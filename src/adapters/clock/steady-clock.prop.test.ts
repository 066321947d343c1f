import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "#test/seeded-check.ts";
import { steadyClock } from "./steady-clock.ts";

const hourMs = 3_600_000;
const moves = fc.array(fc.record({ passMs: fc.nat(60_000), jumpMs: fc.integer({ min: -hourMs, max: hourMs }) }), {
  minLength: 1,
});

test("however often the machine's clock is set, ours never goes back and no wait is wrong by more than a tenth", () => {
  fc.assert(
    fc.property(moves, (all) => {
      let [wall, steady] = [1e12, 0];
      const now = steadyClock({ wall: () => wall, steady: () => steady });
      for (const { passMs, jumpMs } of all) {
        wall += jumpMs;
        const before = now();
        steady += passMs;
        wall += passMs;
        const toldMs = now() - before;
        assert.ok(toldMs >= passMs * 0.9 - 1 && toldMs <= passMs * 1.1 + 1, `${passMs} ms passed, ${toldMs} ms told`);
      }
    }),
  );
});

test("in the end it tells what the machine's clock tells", () => {
  let [wall, steady] = [1e12, 0];
  const now = steadyClock({ wall: () => wall, steady: () => steady });
  wall += 60_000;
  for (let second = 0; second < 700; second++) {
    steady += 1_000;
    wall += 1_000;
    now();
  }
  assert.equal(now(), wall);
});
