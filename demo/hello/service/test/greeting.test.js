import assert from "node:assert/strict";
import { test } from "node:test";
import { greeting } from "../greeting.js";

test("the greeting names the version, then the host", () => {
  assert.equal(greeting({ version: "7", host: "web-1" }), "Hello from version 7 on web-1\n");
});
