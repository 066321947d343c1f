import { test } from "node:test";
import { fc } from "#test/seeded-check.ts";
import { playMany } from "./play-many.ts";

test("no rule is broken by what people want while servers die", () =>
  playMany({ runs: 3000, hosts: fc.integer({ min: 1, max: 6 }), quiet: true }));
