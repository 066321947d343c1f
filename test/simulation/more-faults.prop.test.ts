import { test } from "node:test";
import { fc } from "#test/seeded-check.ts";
import { playMany } from "./play-many.ts";

test("no rule is broken in groups of up to twelve hosts", () =>
  playMany({ runs: 1500, hosts: fc.integer({ min: 5, max: 12 }) }));
