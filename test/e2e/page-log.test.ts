import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BrowserPage } from "./browser-page.ts";
import { busyFixture } from "./fixture-states.ts";

let browser: BrowserPage;
before(async () => {
  browser = await BrowserPage.open();
});
after(() => browser[Symbol.asyncDispose]());

const log = /^Log, /;

test("a failed build shows its steps, its failing tests and its last words, and runs nothing that is in them", () =>
  browser.look(busyFixture(), { hash: "#/builds/build-9" }, async (page) => {
    await page.getByRole("heading", { name: "2 tests failed" }).waitFor();
    await page.getByText("'Hallo, undefined' !== 'Hallo, Ana'").first().waitFor();
    await page.getByRole("region", { name: "The build failed" }).getByText("npm test").waitFor();
    await page.getByText("212 passed, 2 failed, 3 skipped").waitFor();
    const box = page.getByRole("region", { name: log });
    await box.getByText("log of <script>document.title='owned'</script>").waitFor();
    assert.equal(await page.locator("#page script").count(), 0);
    assert.equal(await page.title(), "✗ Build 9 failed · Slipway");
    const red = box.getByText("✖ greets in Dutch › with a name");
    const plain = box.getByText("'Hallo, undefined'");
    const colour = (element: Element) => getComputedStyle(element).color;
    assert.notEqual(await red.evaluate(colour), await plain.evaluate(colour));
  }));

test("a running build's log grows as it is written and stays at its end until the reader scrolls up", () =>
  browser.look(busyFixture(), { hash: "#/builds/build-10" }, async (page, api) => {
    const box = page.getByRole("region", { name: log });
    await box.getByText("== unit tests").waitFor();
    const own = api.fixture.logs["build-10"];
    assert.ok(own);
    const write = (text: string) => {
      own.texts.push(text);
      api.tell("log/build-10");
    };
    write(Array.from({ length: 300 }, (_, index) => `line ${index}\n`).join(""));
    await box.getByText("line 299", { exact: true }).waitFor();
    await box.evaluate((element) => element.scrollTo(0, 0));
    await page.getByRole("button", { name: "Follow the end" }).waitFor();
    write("written while away\n");
    await page.getByRole("region", { name: "Log, 307 lines" }).waitFor();
    assert.equal(await box.evaluate((element) => element.scrollTop), 0);
    await page.getByRole("button", { name: "Follow the end" }).click();
    await box.getByText("written while away").waitFor();
    own.ended = true;
    write("the end\n");
    await page.getByText("308 lines", { exact: true }).waitFor();
  }));

test("a log of ten megabytes does not freeze the tab", () => {
  const fixture = busyFixture();
  const lines = Array.from({ length: 100 }, (_, index) => `\u001b[32mok\u001b[0m ${index} ${"x".repeat(80)}\n`).join(
    "",
  );
  fixture.logs["build-10"] = { texts: Array.from({ length: 1_100 }, () => lines), ended: true };
  return browser.look(fixture, { hash: "#/builds/build-10" }, async (page) => {
    const started = performance.now();
    await page.getByText("60,000 earlier lines are not shown.").waitFor();
    assert.ok(performance.now() - started < 8_000);
    const box = page.getByRole("region", { name: log });
    assert.ok((await box.locator("span").count()) < 500);
    const slowestFrame = await box.evaluate(async (element) => {
      let slowest = 0;
      for (let round = 0; round < 20; round += 1) {
        const before = performance.now();
        element.scrollTo(0, round * 40_000);
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
        slowest = Math.max(slowest, performance.now() - before);
      }
      return slowest;
    });
    assert.ok(slowestFrame < 500, `a frame took ${Math.round(slowestFrame)} ms`);
  });
});
