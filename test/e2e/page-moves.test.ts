import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { BrowserPage } from "./browser-page.ts";
import { busyFixture, idleFixture } from "./fixture-states.ts";

let browser: BrowserPage;
before(async () => {
  browser = await BrowserPage.open();
});
after(() => browser[Symbol.asyncDispose]());

const telephone = { viewport: { width: 390, height: 844 } };
const isAtTop = (page: Page) => page.waitForFunction(() => scrollY === 0);

test("a view that is gone to begins at its top and has the focus, also when it was read before", () =>
  browser.look(busyFixture(), telephone, async (page) => {
    // The strip of its group has read this rollout, so that its whole view is there at once.
    await page.getByText("861 requests").waitFor();
    const link = page.getByRole("link", { name: "hello r8" }).first();
    await link.scrollIntoViewIfNeeded();
    await link.click();
    await page.getByRole("heading", { level: 1, name: "Rollout 12" }).waitFor();
    await isAtTop(page);
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), "MAIN");
    await page.goBack();
    await page.getByText("Live release r6").waitFor();
    await page.waitForFunction(() => scrollY > 300);
  }));

test("a list says as well that a rollout waits for a person", () =>
  browser.look(busyFixture(), {}, async (page) => {
    const row = page.getByRole("listitem").filter({ hasText: "hello r8 to staging" });
    await row.getByText("waits for approval: commit").waitFor();
  }));

test("what could not be read again is said to be old, until it was read", () =>
  browser.look(idleFixture(), {}, async (page, api) => {
    const old = page.getByText("What you see may be old");
    await page.getByText("Live release r6").waitFor();
    assert.equal(await old.count(), 0);
    await page.route("**/api/overview", (route) => route.abort("connectionrefused"));
    api.tell("overview");
    await old.waitFor();
    await page.getByText("Live release r6").waitFor();
    await page.unroute("**/api/overview");
    api.tell("overview");
    await old.waitFor({ state: "detached" });
  }));

test("the tab says that something failed, to those who look at another one", () => {
  const fixture = idleFixture();
  const [group] = fixture.overview.environments[0]?.groups ?? [];
  const failed = fixture.rollouts["rollout-11"]?.rollout;
  assert.ok(group && failed);
  group.lastRollout = failed;
  return browser.look(fixture, {}, async (page) => {
    await page.getByText("Live release r6").waitFor();
    assert.equal(await page.title(), "✗ hello in production: rollout failed · Slipway");
  });
});

test("nothing is drawn beyond the end of the axis, however short it was", () =>
  browser.look(busyFixture(), { ...telephone, hash: "#/rollouts/rollout-10" }, async (page) => {
    const segments = page.getByRole("list", { name: "Steps of whole rollout" });
    await segments.waitFor({ state: "attached" });
    const beyond = await segments.evaluate((list) => {
      const end = list.getBoundingClientRect().right;
      return [...list.children].map((each) => each.getBoundingClientRect().right - end).filter((px) => px > 0.5);
    });
    assert.deepEqual(beyond, []);
  }));
