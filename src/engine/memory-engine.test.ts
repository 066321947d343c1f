import { describe } from "node:test";
import { engineContract } from "#engine/engine.contract.ts";
import { MemoryEngine, MemoryJournal } from "#engine/memory-engine.ts";

describe("the engine in memory", () => {
  const journal = new MemoryJournal();
  engineContract({ launch: async (workflows) => new MemoryEngine({ workflows, journal }) });
});
