import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BrowserPage } from "./browser-page.ts";
import { busyFixture, idleFixture } from "./fixture-states.ts";

let browser: BrowserPage;
before(async () => {
  browser = await BrowserPage.open();
});
after(() => browser[Symbol.asyncDispose]());

test("the token leaves the address at once and serves the whole tab", () =>
  browser.look(idleFixture(), { hash: "#token=fixture-token" }, async (page, api) => {
    await page.getByText("Live release r6").waitFor();
    assert.equal(page.url(), `${api.url}/#/`);
    await page.getByRole("button", { name: "Roll back…" }).click();
    const dialog = page.getByRole("dialog", { name: "Roll back hello in production" });
    assert.equal(await dialog.getByLabel("Server token").count(), 0);
    await dialog.getByRole("button", { name: "Roll back", exact: true }).click();
    await page.waitForURL(/#\/rollouts\//);
    const asked = '{"service":"hello","environment":"production","reason":"rollback"}';
    assert.ok(api.changes.includes(`POST /api/plan ${asked}`), api.changes.join("\n"));
    assert.match(api.changes.at(-1) ?? "", /^POST \/api\/rollbacks .*"release":8,"shown":\{"service":"hello"/);
  }));

test("without a token a change asks for it; a wrong one is refused and forgotten", () =>
  browser.look(idleFixture(), {}, async (page, api) => {
    await page.getByRole("button", { name: "Roll back…" }).click();
    const dialog = page.getByRole("dialog");
    const field = dialog.getByLabel("Server token");
    await field.fill("wrong");
    await dialog.getByRole("button", { name: "Show the plan" }).click();
    await dialog.getByRole("alert").getByText("The token given is not").waitFor();
    assert.equal(await page.evaluate(() => sessionStorage.length), 0);
    await field.fill(api.token);
    await dialog.getByRole("button", { name: "Show the plan" }).click();
    await dialog.getByRole("button", { name: "Roll back", exact: true }).click();
    await page.waitForURL(/#\/rollouts\//);
    assert.equal(api.changes.filter((change) => change.startsWith("POST /api/rollbacks")).length, 1);
  }));

test("a server that asks for its token on reads too gets it, and the page goes on from there", () =>
  browser.look(idleFixture(), {}, async (page, api) => {
    await page.getByText("Live release r6").waitFor();
    api.readsNeedToken = true;
    await page.reload();
    await page.getByRole("heading", { name: "This server asks for its token" }).waitFor();
    await page.getByLabel("Server token").fill(api.token);
    await page.getByRole("button", { name: "Use it" }).click();
    await page.getByText("Live release r6").waitFor();
    await page.getByText("live", { exact: true }).waitFor();
  }));

test("nothing changes until it is confirmed", () =>
  browser.look(busyFixture(), { hash: "#token=fixture-token" }, async (page, api) => {
    await page.goto(`${api.url}/#/rollouts/rollout-12`);
    await page.getByRole("button", { name: "Cancel…" }).click();
    await page.getByRole("button", { name: "Leave it" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.deepEqual(api.changes, []);
    await page.getByRole("button", { name: "Cancel…" }).click();
    await page.getByLabel("Your name").fill("Ana");
    await page.getByRole("button", { name: "Cancel the rollout" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.deepEqual(api.changes, ['POST /api/rollouts/rollout-12/cancel {"by":"Ana"}']);
  }));

test("a release is chosen, its plan read, and then deployed", () =>
  browser.look(idleFixture(), { hash: "#token=fixture-token" }, async (page, api) => {
    await page.getByRole("button", { name: "Deploy…" }).click();
    const dialog = page.getByRole("dialog", { name: "Deploy hello to production" });
    await dialog.getByLabel("Release").selectOption({ value: "5" });
    await dialog.getByRole("list", { name: "Batches" }).getByText("2 of 3 in service").first().waitFor();
    await dialog.getByRole("button", { name: "Deploy", exact: true }).click();
    await page.waitForURL(/#\/rollouts\//);
    const plans = api.changes.filter((change) => change.startsWith("POST /api/plan"));
    assert.equal(plans.at(-1), 'POST /api/plan {"service":"hello","environment":"production","release":5}');
    // The fixture plans release 8 whatever is asked: what is deployed is what was shown.
    assert.match(api.changes.at(-1) ?? "", /^POST \/api\/rollouts .*"release":8,"shown":\{"service":"hello"/);
  }));

test("without a token the plan comes first, and nothing begins before it was seen", () =>
  browser.look(idleFixture(), {}, async (page, api) => {
    await page.getByRole("button", { name: "Deploy…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Server token").fill(api.token);
    await dialog.getByRole("button", { name: "Show the plan" }).click();
    await dialog.getByRole("list", { name: "Batches" }).waitFor();
    // A new token is a new stream of changes, after which everything may be read once more.
    assert.deepEqual([...new Set(api.changes.map((change) => change.split(" ")[1]))], ["/api/plan"]);
    await dialog.getByRole("button", { name: "Deploy", exact: true }).click();
    await page.waitForURL(/#\/rollouts\//);
  }));

test("a rollout that waits for a person can be approved", () =>
  browser.look(busyFixture(), { hash: "#token=fixture-token" }, async (page, api) => {
    await page.goto(`${api.url}/#/rollouts/13`);
    await page.getByRole("button", { name: "Approve…" }).click();
    await page.getByRole("button", { name: "Approve", exact: true }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.deepEqual(api.changes, ["POST /api/rollouts/rollout-13/approve {}"]);
  }));
