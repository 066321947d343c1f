import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { BrowserPage } from "./browser-page.ts";
import { busyFixture } from "./fixture-states.ts";

let browser: BrowserPage;
before(async () => {
  browser = await BrowserPage.open();
});
after(() => browser[Symbol.asyncDispose]());

const hash = "#/rollouts/rollout-10";
const telephone = { viewport: { width: 390, height: 844 } };
/** Where pictures of what was seen are kept, for looking at them. */
const shots = process.env.SLIPWAY_SHOTS;
const shoot = async (page: Page, name: string) => {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
};
const laneStates = (page: Page) =>
  page
    .locator("[data-lane^=web-]")
    .evaluateAll((lanes) => lanes.map((lane) => lane.textContent?.match(/released|waits|under way/)?.[0]));

test("a rollout that ended is replayed step by step with the keyboard, and comes back to now", () =>
  browser.look(busyFixture(), { hash, colorScheme: "light" }, async (page) => {
    const slider = page.getByRole("slider", { name: "Step of the timeline" });
    await slider.waitFor();
    assert.deepEqual(await laneStates(page), ["released", "released", "released"]);
    await slider.focus();
    await page.keyboard.press("Home");
    await page.getByText("1 of", { exact: false }).first().waitFor();
    assert.deepEqual(await laneStates(page), ["waits", "waits", "waits"]);
    while (!(await slider.getAttribute("aria-valuetext"))?.includes("web-2 check progress"))
      await page.keyboard.press("ArrowRight");
    assert.deepEqual(await laneStates(page), ["released", "under way", "waits"]);
    await shoot(page, "replay-light");
    await page.keyboard.press("PageUp");
    assert.deepEqual(await laneStates(page), ["under way", "waits", "waits"]);
    await page.keyboard.press("Escape");
    assert.deepEqual(await laneStates(page), ["released", "released", "released"]);
  }));

test("its buttons step as well, and nothing is wider than a telephone in the dark", () =>
  browser.look(busyFixture(), { hash, ...telephone, colorScheme: "dark" }, async (page) => {
    const back = page.getByRole("button", { name: "Step back" });
    await back.waitFor();
    for (let step = 0; step < 12; step++) await back.click();
    assert.deepEqual(await laneStates(page), ["released", "released", "under way"]);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await shoot(page, "replay-dark-narrow");
    await page.getByRole("button", { name: "Now" }).click();
    assert.deepEqual(await laneStates(page), ["released", "released", "released"]);
    assert.ok(await back.isEnabled());
  }));
