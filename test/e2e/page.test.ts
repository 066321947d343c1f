import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BrowserPage } from "./browser-page.ts";
import { busyFixture, emptyFixture, idleFixture } from "./fixture-states.ts";

let browser: BrowserPage;
before(async () => {
  browser = await BrowserPage.open();
});
after(() => browser[Symbol.asyncDispose]());

test("the overview says what is live where, in words and not by colour alone", () =>
  browser.look(busyFixture(), {}, async (page) => {
    const production = page.getByRole("article", { name: "hello in production" });
    await production.getByText("Live release r6").waitFor();
    const tiles = await production.getByRole("list", { name: "Hosts" }).getByRole("listitem").allInnerTexts();
    assert.deepEqual(
      tiles.map((text) => text.split("\n").slice(0, 3)),
      [
        ["web-1", "r8", "in service"],
        ["web-2", "r6", "draining"],
        ["web-3", "r6", "in service"],
      ],
    );
    const staging = page.getByRole("article", { name: "hello in staging" });
    await staging.getByText("no route to host").waitFor();
    await staging.getByText("waits for approval").waitFor();
    await page.getByText("Permission denied (publickey)").waitFor();
    await page.getByText("1,204 requests, 0 failed, 0 cut, 34 s").waitFor();
    assert.equal(await page.title(), "● 2 rollouts under way · Slipway");
  }));

test("a rollout under way is shown inline with its progress", () =>
  browser.look(busyFixture(), {}, async (page) => {
    const bar = page.getByRole("progressbar", { name: "Rollout 12" });
    assert.equal(await bar.getAttribute("aria-valuetext"), "1 of 3 hosts done");
    await page.getByText("web-2: check, 1 of 3 hosts done").waitFor();
    await page.getByText("861 requests, 0 failed, 0 cut").waitFor();
  }));

test("a change is seen without a reload, and a burst of them asks only a few times", () =>
  browser.look(idleFixture(), {}, async (page, api) => {
    await page.getByText("Live release r6").waitFor();
    let asked = 0;
    page.on("request", (request) => (asked += request.url().endsWith("/api/overview") ? 1 : 0));
    const group = api.fixture.overview.environments[0]?.groups[0];
    if (group) group.liveRelease = 7;
    for (let round = 0; round < 200; round += 1) api.tell("overview", `rollout/${round}`);
    await page.getByText("Live release r7").waitFor();
    await page.waitForTimeout(1_500);
    assert.ok(asked >= 1 && asked <= 4, `asked ${asked} times for 400 changes`);
  }));

test("each host has its lane, and what runs grows while nobody tells it to", () =>
  browser.look(busyFixture(), { hash: "#/rollouts/12" }, async (page) => {
    await page.getByRole("list", { name: "Steps of web-1" }).waitFor();
    assert.equal(await page.locator("[data-lane]").count(), 4);
    assert.equal(await page.getByRole("list", { name: "Steps of web-1" }).getByRole("listitem").count(), 5);
    await page.getByText("/healthz says 200 ok; 2 good in a row").first().waitFor();
    const running = page.locator('[data-lane="web-2"] [data-state="running"]');
    const before = await running.getAttribute("title");
    await page.waitForTimeout(1_200);
    assert.notEqual(await running.getAttribute("title"), before);
    assert.match(await page.title(), /^● hello r8 to production: running/);
  }));

test("a rollout's end arrives on its open page, though the address names it by its number", () =>
  browser.look(busyFixture(), { hash: "#/rollouts/12" }, async (page, api) => {
    await page.getByText("running", { exact: true }).first().waitFor();
    const detail = api.fixture.rollouts["rollout-12"];
    assert.ok(detail);
    detail.rollout = { ...detail.rollout, state: "cancelled" };
    api.tell("rollout/rollout-12");
    await page.getByText("cancelled", { exact: true }).first().waitFor();
    assert.match(await page.title(), /cancelled/);
    await page.getByRole("status").filter({ hasText: "cancelled" }).waitFor({ state: "attached" });
  }));

test("a failed rollout shows the application's own words, the repeated try, the put back and the receipt", () =>
  browser.look(busyFixture(), { hash: "#/rollouts/rollout-11" }, async (page) => {
    const box = page.getByRole("region", { name: "Failed, and put back" });
    await box.getByText('"msg":"no database, answering 503"').waitFor();
    assert.doesNotMatch((await box.textContent()) ?? "", /\[31m/);
    const steps = page.getByRole("list", { name: "Steps of web-1" });
    await steps.getByText("check, 4.0 s, interrupted, as the server was stopped").waitFor();
    await steps.getByText("check, try 2, 11 s, failed").waitFor();
    await steps.getByText(/^put back: admit/).waitFor();
    const receipt = page.getByRole("region", { name: "Receipt" });
    await receipt.getByText("2,577").waitFor();
    await receipt.getByRole("rowheader", { name: "web-1" }).waitFor();
    await receipt.getByRole("link", { name: "Signed" }).waitFor();
  }));

test("a notice's link shows why the host failed; without it that is folded away until somebody wants it", () =>
  browser.look(busyFixture(), { hash: "#/rollouts/rollout-11?bundle=web-1" }, async (page) => {
    const text = page.getByRole("region", { name: "Bundle of web-1" });
    await text.getByText("environment: REGION only on web-2").waitFor();
    assert.match((await text.textContent()) ?? "", /\n\nError: no database\n/);
    await page.goto(page.url().replace(/\?bundle=.*/, ""));
    await page.getByText("Why web-1 failed").waitFor();
    assert.equal(await text.isVisible(), false);
    await page.getByText("Why web-1 failed").click();
    await text.getByText("Error: no database").waitFor();
  }));

test("an empty installation says what to do next", () =>
  browser.look(emptyFixture(), {}, async (page) => {
    await page.getByText("No commit seen yet. Add a source to fleet.yaml").waitFor();
    await page.getByText("No environment yet").waitFor();
    assert.equal(await page.title(), "Slipway");
  }));

test("a lost connection is said, and it comes back by itself", () =>
  browser.look(idleFixture(), {}, async (page, api) => {
    await page.getByText("live", { exact: true }).waitFor();
    api.dropStreams();
    await page.getByText("disconnected, trying again").waitFor();
    await page.getByText("live", { exact: true }).waitFor();
    assert.equal(api.followers, 1);
  }));

test("what is not there is said, with a way back", () =>
  browser.look(busyFixture(), { hash: "#/nowhere" }, async (page, api) => {
    await page.getByRole("link", { name: "Back to the overview" }).click();
    await page.getByText("Live release r6").waitFor();
    assert.equal(api.changes.length, 0);
  }));
