import assert from "node:assert/strict";
import { test } from "node:test";
import { Coalescer } from "./coalesce.ts";

test("the first of a burst goes on at once, the rest together and once each", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const flushed: string[][] = [];
  using gathered = new Coalescer(250, (topics) => flushed.push([...topics]));
  for (let round = 0; round < 100; round += 1) {
    gathered.add("overview");
    gathered.add("rollout/7");
  }
  assert.deepEqual(flushed, [["overview"]]);
  t.mock.timers.tick(250);
  assert.deepEqual(flushed[1]?.toSorted(), ["overview", "rollout/7"]);
  t.mock.timers.tick(250);
  gathered.add("overview");
  assert.deepEqual(flushed[2], ["overview"]);
});

test("once disposed it says nothing more", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const flushed: string[][] = [];
  const gathered = new Coalescer(250, (topics) => flushed.push([...topics]));
  gathered.add("a");
  gathered.add("b");
  gathered[Symbol.dispose]();
  t.mock.timers.tick(1_000);
  assert.deepEqual(flushed, [["a"]]);
});
