import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright-core";
import { localTraffic } from "../../demo/local-scene.ts";
import { type LocalStage, localStage } from "../../demo/local-stage.ts";
import type { ServerProcess } from "../../demo/server-process.ts";
import { ensurePage } from "../../scripts/setup/ensure-page.ts";
import { browserFlags } from "./browser-page.ts";
import { commitVersion, liveRelease, openRollout, rolloutEnded, timelineUntil } from "./operator.ts";

const picture = fileURLToPath(new URL("../../docs/images/rollout.png", import.meta.url));
const size = { width: 1280, height: 900 };

describe("the page of a real server", { timeout: 180_000 }, () => {
  let stage: LocalStage;
  let server: ServerProcess;
  let browser: Browser;

  before(async () => {
    await ensurePage();
    stage = await localStage();
    server = await stage.startServer();
    await commitVersion(stage, 1);
    await liveRelease(server, 1);
    const executablePath = process.env.SLIPWAY_CHROMIUM ?? "/usr/bin/chromium";
    browser = await chromium.launch({ executablePath, args: browserFlags });
  });
  after(async () => {
    await browser?.close();
    await stage?.[Symbol.asyncDispose]();
  });

  it("shows a rollout host by host while it happens, then its receipt, and rolls back at a click", async () => {
    await using stack = new AsyncDisposableStack();
    const users = localTraffic(stage.front);
    stack.defer(() => users.stop());
    const page = await browser.newPage({ viewport: size, deviceScaleFactor: 2 });
    page.setDefaultTimeout(30_000);
    await page.goto(`${server.url}/#token=${server.token}`);
    await page.getByText("web-1").first().waitFor();

    await commitVersion(stage, 2);
    const { id } = await openRollout(server, 2);
    await page.goto(`${server.url}/#/rollouts/${id}`);
    await timelineUntil(server, id, (event) => event.host === "web-3" && event.step === "check");
    for (const host of ["web-1", "web-2", "web-3"]) await page.getByText(host).first().waitFor();
    if (process.env.SLIPWAY_WRITE_PICTURES) await keep(await page.screenshot());

    const ended = await rolloutEnded(server, id);
    assert.equal(ended.rollout.state, "succeeded");
    await page
      .getByText(`${ended.rollout.receipt?.prober?.requests.toLocaleString("en-US")}`)
      .first()
      .waitFor();

    await page.goto(`${server.url}/#/`);
    await page
      .getByRole("button", { name: /roll back/i })
      .first()
      .click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /roll back/i })
      .click();
    const back = await openRollout(server, 1).then(() => rollbackOf(server));
    assert.equal((await rolloutEnded(server, back)).rollout.state, "succeeded");
    assert.deepEqual(await users.total().then(({ failed, cut }) => [failed, cut]), [0, 0]);
  });
});

async function rollbackOf({ url }: ServerProcess): Promise<string> {
  for (let look = 0; look < 100; look++) {
    const { rollouts } = (await (await fetch(`${url}/api/rollouts`)).json()) as {
      rollouts: { id: string; reason: string }[];
    };
    const found = rollouts.find(({ reason }) => reason === "rollback");
    if (found) return found.id;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("no rollback was asked for");
}

/** The README's picture: written only when asked for, so that a test run leaves the checkout as it was. */
async function keep(image: Buffer): Promise<void> {
  await mkdir(dirname(picture), { recursive: true });
  await writeFile(picture, image);
}
