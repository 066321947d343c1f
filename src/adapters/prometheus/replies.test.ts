import assert from "node:assert/strict";
import { test } from "node:test";
import { numberOf } from "./replies.ts";

const success = (data: unknown) => JSON.stringify({ status: "success", data });

test("a scalar and a vector of one are numbers", () => {
  assert.deepEqual(numberOf(success({ resultType: "scalar", result: [1, "0.25"] })), { value: 0.25 });
  assert.deepEqual(numberOf(success({ resultType: "vector", result: [{ metric: {}, value: [1, "3"] }] })), {
    value: 3,
  });
});

test("none, many, NaN, an error and another program's answer are reasons", () => {
  assert.deepEqual(numberOf(success({ resultType: "vector", result: [] })), {
    reason: "it gave 0 series, expected one",
  });
  const two = [1, 2].map((value) => ({ metric: {}, value: [1, String(value)] }));
  assert.match(JSON.stringify(numberOf(success({ resultType: "vector", result: two }))), /2 series/);
  assert.deepEqual(numberOf(success({ resultType: "scalar", result: [1, "NaN"] })), { reason: "it gave NaN" });
  assert.match(JSON.stringify(numberOf('{"status":"error","error":"parse error"}')), /parse error/);
  assert.match(JSON.stringify(numberOf("<html>")), /not that of a Prometheus/);
});
