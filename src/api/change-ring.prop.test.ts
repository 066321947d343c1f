import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "#test/seeded-check.ts";
import { ChangeRing } from "./change-ring.ts";

test("a client that resumes gets every change after its own, in order, or is told that it missed some", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string(), { maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      fc.nat(80),
      (topics, size, at) => {
        const ring = new ChangeRing(size, 1000);
        const changes = topics.map((topic) => ring.add(topic));
        const asked = 990 + at;
        const missed = changes.filter((change) => change.id > asked);
        const known = asked >= 1000 && asked <= ring.lastId && missed.length <= size;
        assert.deepEqual(ring.after(asked), known ? missed : undefined);
      },
    ),
  );
});

test("an id that is not a number is not known", () => {
  assert.equal(new ChangeRing(3, 5).after(Number.NaN), undefined);
});
