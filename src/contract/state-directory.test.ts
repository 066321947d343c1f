import assert from "node:assert/strict";
import { test } from "node:test";
import { stateDirectory, tokenFile } from "./state-directory.ts";

const home = "/home/ben";

test("--data wins over SLIPWAY_DATA, which wins over XDG_STATE_HOME, which wins over the home directory", () => {
  const env = { SLIPWAY_DATA: "/srv/slipway", XDG_STATE_HOME: "/state" };
  assert.equal(stateDirectory({ data: "here", env, home }), "here");
  assert.equal(stateDirectory({ env, home }), "/srv/slipway");
  assert.equal(stateDirectory({ env: { XDG_STATE_HOME: "/state/" }, home }), "/state/slipway");
  assert.equal(stateDirectory({ env: {}, home }), "/home/ben/.local/state/slipway");
});

test("an empty or relative value does not count", () => {
  const env = { SLIPWAY_DATA: "", XDG_STATE_HOME: "state" };
  assert.equal(stateDirectory({ data: "", env, home }), "/home/ben/.local/state/slipway");
});

test("the token lies in the state directory", () => {
  assert.equal(tokenFile("/srv/slipway/"), "/srv/slipway/token");
});
