import assert from "node:assert/strict";
import { test } from "node:test";
import { routes } from "#contract/routes.ts";
import { checkedInput } from "./checked-input.ts";

const said = (value: unknown) => {
  try {
    checkedInput(routes.deploy.body, value, "body");
    return "accepted";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

test("a wrong field is named with what was expected and what was found", () => {
  assert.equal(said({ service: "hello" }), "body.environment: expected string, found nothing.");
  assert.equal(said(undefined), "body: expected object, found nothing.");
  assert.equal(
    said({ service: "", environment: 7 }),
    'body.service: expected at least 1 characters, found "". body.environment: expected string, found 7.',
  );
  assert.match(said({ service: "x".repeat(300), environment: "e" }), /at most 200 characters, found "x{59}…/);
});

test("defaults are filled in and numbers of a query are read", () => {
  assert.deepEqual(checkedInput(routes.builds.query, {}, "query"), { limit: 50 });
  assert.deepEqual(checkedInput(routes.builds.query, { limit: "3" }, "query"), { limit: 3 });
  assert.throws(() => checkedInput(routes.builds.query, { limit: "many" }, "query"), {
    message: 'query.limit: expected number, found "many".',
  });
});
