import assert from "node:assert/strict";
import { test } from "node:test";
import { simulatedChaos } from "./simulated.ts";

test("a server that dies in the middle of an act leaves nothing wrong: a sample of every journey", async () => {
  const { inside, twice, broken, failed } = await simulatedChaos({ pairs: 10, every: 400 });
  assert.ok(inside >= 30, `${inside} died inside of an act`);
  assert.equal(twice, 10);
  assert.deepEqual([broken, failed], [[], 0]);
});

test("a server that no longer drains once it was started again is found out by deaths in the middle of acts", async () => {
  const { broken } = await simulatedChaos({
    journeys: ["rollout"],
    pairs: 0,
    every: 60,
    change: (world, life) =>
      life === 1 ? world : { ...world, balancer: { ...world.balancer, drain: async () => undefined } },
  });
  assert.ok(broken.some(({ killed }) => /^(before|while|after) \w+\.\w+ \(call/.test(killed)));
});
