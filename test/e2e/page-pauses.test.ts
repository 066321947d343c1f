import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BrowserPage } from "./browser-page.ts";
import { pausedFixture, refusedPlan, richPlan } from "./fixture-pauses.ts";
import { busyFixture, idleFixture } from "./fixture-states.ts";

let browser: BrowserPage;
before(async () => {
  browser = await BrowserPage.open();
});
after(() => browser[Symbol.asyncDispose]());

test("a paused rollout is said above all else, in the tab too, and can be steered from there", () =>
  browser.look(pausedFixture(), { hash: "#token=fixture-token" }, async (page, api) => {
    await page.getByText("hello in production waits for a person.").waitFor();
    assert.equal(await page.title(), "? hello in production is paused and waits for a person · Slipway");
    const production = page.getByRole("article", { name: "hello in production" });
    await production.getByText("paused: web-2 failed").waitFor();
    await production.getByRole("button", { name: "Exclude…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Put web-2 back to what ran there, and go on without it.").waitFor();
    await dialog.getByRole("button", { name: "Decide later" }).click();
    await dialog.waitFor({ state: "detached" });
    assert.deepEqual(api.changes, []);
    await production.getByRole("button", { name: "Exclude…" }).click();
    await dialog.getByRole("button", { name: "Go on without" }).click();
    await dialog.waitFor({ state: "detached" });
    assert.deepEqual(api.changes, ['POST /api/rollouts/rollout-14/steer {"action":"exclude","pause":1}']);
  }));

test("a paused rollout's own page says why, in the program's last words, and what each choice does", () =>
  browser.look(pausedFixture(), { hash: "#/rollouts/14" }, async (page) => {
    const card = page.getByRole("region", { name: "Paused", exact: true });
    await card.getByText("Paused: web-2 failed").waitFor();
    await card.getByText('"msg":"no database, answering 503"').waitFor();
    const choices = await card.getByRole("list", { name: "Choices" }).getByRole("listitem").allInnerTexts();
    assert.deepEqual(
      choices.map((text) => text.split("\n").filter(Boolean)),
      [
        ["Retry…", "try web-2 again"],
        ["Exclude…", "put web-2 back to what ran there, and go on without it"],
        ["Put back…", "put back every host that was changed, newest first, and end"],
        ["Roll back…", "end, and begin a roll back of every host to the release that was live before"],
        ["Abort…", "end, and leave every host exactly as it is now"],
      ],
    );
    assert.equal(await page.getByRole("button", { name: "Cancel…" }).count(), 0);
    const steps = page.getByRole("list", { name: "Steps of web-2" });
    assert.equal(await steps.getByText(/^check, 9\.0 s, failed$/).count(), 2, "also the try before a person chose");
    assert.match(await page.title(), /^\? hello r8 to production: paused/);
  }));

test("a rollout under way can be paused", () =>
  browser.look(busyFixture(), { hash: "#token=fixture-token" }, async (page, api) => {
    await page.goto(`${api.url}/#/rollouts/12`);
    await page.getByRole("button", { name: "Pause…" }).click();
    await page.getByRole("button", { name: "Pause the rollout" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.deepEqual(api.changes, ["POST /api/rollouts/rollout-12/pause {}"]);
  }));

test("a drifted host says how, and is put right by a button; what somebody did at the balancer has none", () =>
  browser.look(pausedFixture(), { hash: "#token=fixture-token" }, async (page, api) => {
    const staging = page.getByRole("article", { name: "hello in staging" });
    await staging.getByText("drifted: runs release 5; 7 is live, since 6 min ago").waitFor();
    await staging.getByText("drifted: gets no requests: maintenance, since 2 h ago").waitFor();
    assert.equal(await staging.getByRole("button", { name: "Correct…" }).count(), 1);
    await staging.getByRole("button", { name: "Correct…" }).click();
    await page.getByRole("button", { name: "Correct it" }).click();
    await page.waitForURL(/#\/rollouts\//);
    const body = '{"service":"hello","environment":"staging","hosts":["stage-2"],"shown":{"service":"hello"';
    assert.ok(api.changes.at(-1)?.startsWith(`POST /api/corrections ${body}`), api.changes.at(-1));
  }));

test("the card says how ready a roll back is, and what is missing", () => {
  const hosts = [{ name: "web-1", holdsImage: true }, { name: "web-2", holdsImage: false }, { name: "web-3" }];
  const place = { service: "hello", environment: "production", release: 5 };
  return browser.look(
    { ...idleFixture(), readiness: { ...place, hosts, refusals: [], ready: false } },
    {},
    async (page) => {
      const line = page.getByText("Roll back possible: 1 of 3 hosts holds r5");
      await line.waitFor();
      assert.equal(await line.getAttribute("title"), "web-2 must pull it, web-3 is unknown");
    },
  );
});

test("a plan shows what stays in service, what is worth a look, and how long it takes", () =>
  browser.look({ ...idleFixture(), plan: richPlan }, { hash: "#token=fixture-token" }, async (page) => {
    await page.getByRole("button", { name: "Deploy…" }).click();
    const dialog = page.getByRole("dialog");
    const batches = dialog.getByRole("list", { name: "Batches" });
    await batches.getByText("canary", { exact: true }).waitFor();
    assert.equal(await batches.getByText("3 of 5 in service").count(), 4);
    await dialog.getByText("about 5 min 38 s").waitFor();
    await dialog.getByText("web-5: cannot be reached").waitFor();
    await dialog.getByRole("region", { name: "Worth a look" }).getByText("edge has seen a request of 41.2 s").waitFor();
  }));

test("a plan that has nothing to do says so, and draws no batch", () => {
  const words = "every host runs release 6 already: nothing to do";
  const nothing = { ...richPlan, batches: [], upToDate: ["web-1", "web-2"], warnings: [], steps: [words] };
  return browser.look({ ...idleFixture(), plan: nothing }, { hash: "#token=fixture-token" }, async (page) => {
    await page.getByRole("button", { name: "Deploy…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Nothing to do: every host runs release 6 already.").waitFor();
    assert.equal(await dialog.getByText("about").count(), 0);
  });
});

test("a refused plan cannot be deployed; behind another rollout it may wait for its turn", async () => {
  await browser.look({ ...idleFixture(), plan: refusedPlan }, { hash: "#token=fixture-token" }, async (page, api) => {
    await page.getByRole("button", { name: "Deploy…" }).click();
    const refusal = page.getByRole("region", { name: "Refused: nothing would be touched" });
    await refusal.getByText("Make batch smaller").waitFor();
    assert.equal(
      await page
        .getByRole("dialog")
        .getByRole("button", { name: /^Deploy/ })
        .count(),
      0,
    );
    assert.equal(api.changes.length, 1);
  });
  await browser.look({ ...busyFixture(), plan: refusedPlan }, { hash: "#token=fixture-token" }, async (page, api) => {
    await page.getByRole("button", { name: "Deploy…" }).first().click();
    await page.getByRole("button", { name: "Deploy when its turn comes" }).click();
    await page.waitForURL(/#\/rollouts\//);
    assert.doesNotMatch(api.changes.at(-1) ?? "", /shown/);
  });
});

test("a canary's verdict, a switch, hosts left out and a plan made again are said in words", async () => {
  await browser.look(pausedFixture(), { hash: "#/rollouts/15" }, async (page) => {
    await page.getByText("canary did well").waitFor();
    await page.getByText("web-1: 0 of 431 answers failed (0.0 %, at most 1 %)").waitFor();
    const notes = page.getByRole("list", { name: "Notes" });
    await notes.getByText("Planned again, not as it was shown: 3 hosts are in service").waitFor();
    await notes.getByText("Left out: web-3 failed, and runs what ran there before.").waitFor();
    await notes.getByText("web-9 could not be reached").waitFor();
    await page.locator('[data-lane="web-4"]').getByText("released").waitFor();
    await page.locator('[data-lane="web-3"]').getByText("out of disk").waitFor();
  });
  await browser.look(pausedFixture(), { hash: "#/rollouts/17" }, async (page) => {
    await page.getByText("switching", { exact: true }).waitFor();
    await page.locator('[data-lane="web-1"]').getByText("ready beside the old").waitFor();
  });
});

test("a superseded rollout names the one that went on; an aborted one says that nothing was put back", async () => {
  await browser.look(pausedFixture(), { hash: "#/rollouts/16" }, async (page) => {
    await page.getByRole("link", { name: "rollout 17" }).waitFor();
    assert.equal(await page.getByText("Rollout 17 of a newer commit goes on.").count(), 0, "it is no failure");
  });
  await browser.look(pausedFixture(), { hash: "#/rollouts/18" }, async (page) => {
    const box = page.getByRole("region", { name: "Ended by a person; every host was left as it was" });
    await box.getByText("ana ended the rollout").waitFor();
  });
});
