import { test } from "node:test";
import { fc } from "#test/seeded-check.ts";
import { playMany } from "./play-many.ts";

test("no rule is broken in groups of up to two hundred hosts", () =>
  playMany({ runs: 150, hosts: fc.integer({ min: 13, max: 200 }) }));
