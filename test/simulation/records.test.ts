import { describe } from "node:test";
import { recordsContract } from "#ports/records.contract.ts";
import { memoryRecords } from "#simulator/memory-records.ts";

describe("the records in memory", () => {
  const records = memoryRecords(() => Date.now());
  recordsContract(() => records);
});
