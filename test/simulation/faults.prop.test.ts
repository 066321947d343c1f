import { test } from "node:test";
import { fc } from "#test/seeded-check.ts";
import { playMany } from "./play-many.ts";

test("no rule is broken by what the world does while servers die", () =>
  playMany({ runs: 3500, hosts: fc.integer({ min: 1, max: 6 }) }));
