import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "#test/seeded-check.ts";
import { parseBytes } from "./bytes.ts";
import { formatDuration, parseDuration } from "./duration.ts";
import { parseQuantity, quantityOfHosts } from "./quantity.ts";

test("what a duration is written as is read back", () => {
  fc.assert(fc.property(fc.nat(2 ** 31 - 1), (ms) => assert.equal(parseDuration(formatDuration(ms)), ms)));
});

test("any text is a duration of at least nothing, or none", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d+(\.\d+)? ?[a-z]{0,4}$/)), (text) => {
      const ms = parseDuration(text);
      assert.ok(ms === undefined || (Number.isSafeInteger(ms) && ms >= 0), `${text}: ${ms}`);
    }),
  );
});

test("a batch rounds down and is at least 1, a minimum rounds up; neither is more than all for a percentage", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 10_000 }), (percent, total) => {
      const batch = quantityOfHosts({ percent }, total, "down");
      const minimum = quantityOfHosts({ percent }, total, "up");
      assert.ok(batch >= 1 && batch <= total && minimum >= 1 && minimum <= total);
      assert.ok(batch === 1 || batch * 100 <= percent * total);
      assert.ok(minimum * 100 >= percent * total && (minimum - 1) * 100 < percent * total);
    }),
  );
});

test("a count of hosts is that count; a share is read back", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 99_999 }), fc.nat(100), (hosts, total) => {
      assert.deepEqual(parseQuantity(hosts), { hosts });
      assert.deepEqual(parseQuantity(String(hosts)), { hosts });
      assert.equal(quantityOfHosts({ hosts }, total, "down"), hosts);
    }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), (percent) =>
      assert.deepEqual(parseQuantity(`${percent}%`), { percent }),
    ),
  );
});

test("any text is a size in whole bytes, or none", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{1,14}[kmgKMG]?b?$/)), (text) => {
      const bytes = parseBytes(text);
      assert.ok(bytes === undefined || (Number.isSafeInteger(bytes) && bytes >= 0), `${text}: ${bytes}`);
    }),
  );
});
