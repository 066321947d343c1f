import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BrowserPage } from "./browser-page.ts";
import { faintTexts } from "./faint-texts.ts";
import { pausedFixture, refusedPlan, richPlan } from "./fixture-pauses.ts";
import { busyFixture, emptyFixture, type Fixture, idleFixture } from "./fixture-states.ts";

let browser: BrowserPage;
before(async () => {
  browser = await BrowserPage.open();
});
after(() => browser[Symbol.asyncDispose]());

const views: readonly [string, string, () => Fixture][] = [
  ["overview", "#/", busyFixture],
  ["idle", "#/", idleFixture],
  ["empty", "#/", emptyFixture],
  ["failed build", "#/builds/build-9", busyFixture],
  ["running build", "#/builds/build-10", busyFixture],
  ["running rollout", "#/rollouts/rollout-12", busyFixture],
  ["failed rollout", "#/rollouts/rollout-11", busyFixture],
  ["done rollout", "#/rollouts/rollout-10", busyFixture],
  ["overview with a pause", "#/", pausedFixture],
  ["paused rollout", "#/rollouts/14", pausedFixture],
  ["canary", "#/rollouts/15", pausedFixture],
  ["blue-green rollout", "#/rollouts/17", pausedFixture],
  ["aborted rollout", "#/rollouts/18", pausedFixture],
  ["waiting rollout", "#/rollouts/rollout-13", busyFixture],
];

for (const [name, hash, fixture] of views) {
  test(`the ${name} can be read in light and dark, fits a telephone, and names its controls`, () =>
    browser.look(fixture(), { hash, viewport: { width: 390, height: 844 }, reducedMotion: "reduce" }, async (page) => {
      await page.getByRole("heading", { level: 1 }).waitFor({ state: "attached" });
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        assert.deepEqual(await page.evaluate(faintTexts), [], colorScheme);
      }
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${over} px too wide`);
      assert.equal(await page.getByRole("main").count(), 1);
      assert.equal(await page.getByRole("heading", { level: 1 }).count(), 1);
      const controls = page.locator("a, button, input, select, summary");
      const names = await controls.evaluateAll((all) => all.map((each) => each.ariaLabel ?? each.textContent));
      assert.deepEqual(
        names.filter((each) => !each?.trim()),
        [],
      );
    }));
}

test("a dialog can be read in light and dark, and fits a telephone", () =>
  browser.look(idleFixture(), { viewport: { width: 390, height: 844 }, reducedMotion: "reduce" }, async (page) => {
    await page.getByRole("button", { name: "Roll back…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("The server names the file").waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await page.evaluate(faintTexts), [], colorScheme);
    }
    const box = await dialog.boundingBox();
    assert.ok(box && box.x >= 0 && box.x + box.width <= 390);
  }));

for (const [name, plan] of [
  ["plan with warnings", richPlan],
  ["refused plan", refusedPlan],
] as const)
  test(`a ${name} can be read in light and dark, and fits a telephone`, () => {
    const telephone = { viewport: { width: 390, height: 844 }, reducedMotion: "reduce" } as const;
    return browser.look({ ...idleFixture(), plan }, { ...telephone, hash: "#token=fixture-token" }, async (page) => {
      await page.getByRole("button", { name: "Deploy…" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("list", { name: "Batches" }).waitFor();
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        assert.deepEqual(await page.evaluate(faintTexts), [], colorScheme);
      }
      const over = await dialog.evaluate((each) => each.scrollWidth - each.clientWidth);
      assert.ok(over <= 0, `${over} px too wide`);
    });
  });

test("by keyboard: the content first, then its links, then a dialog that gives the focus back", () =>
  browser.look(idleFixture(), {}, async (page) => {
    await page.getByText("Live release r6").waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), "MAIN");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Roll back hello in production" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Roll back…");
  }));

test("the reader's choice of light or dark is kept", () =>
  browser.look(idleFixture(), { colorScheme: "light" }, async (page) => {
    await page.getByRole("button", { name: "Use dark colours" }).click();
    await page.reload();
    await page.getByRole("button", { name: "Use light colours" }).waitFor();
  }));
