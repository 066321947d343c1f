import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { LabWish } from "../../../demo/lab-scene.ts";
import type { FaultCase } from "./fault-case.ts";
import { FaultStage } from "./fault-stage.ts";
import { runCase } from "./run-case.ts";

const caseLimitMs = 340_000;

/** One lab for all of them: each case hands the next one a fleet that is whole. */
export function describeFaults(title: string, cases: readonly FaultCase[], wish: LabWish = {}) {
  describe(title, { timeout: caseLimitMs * (cases.length + 1) }, () => {
    let stage: FaultStage;
    before(async () => {
      stage = await FaultStage.up(wish);
    });
    after(() => stage?.[Symbol.asyncDispose]());
    for (const fault of cases)
      it(fault.name, { timeout: caseLimitMs }, async () => {
        const { seen, complaints } = await runCase(stage, fault);
        assert.deepEqual(complaints, [], JSON.stringify(seen, null, 2));
      });
  });
}
