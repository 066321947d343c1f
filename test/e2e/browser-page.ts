import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { build } from "vite";
import { FixtureApi } from "./fixture-api.ts";
import type { Fixture } from "./fixture-states.ts";

export const browserFlags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const pageTimeoutMs = 10_000;

/** A refused change is told to the console by the browser itself; everything else there is our mistake. */
const isExpected = (text: string): boolean => /status of 401|ERR_(INCOMPLETE_CHUNKED|CONNECTION|EMPTY)/.test(text);

/** The page, built as it is shipped, and a browser to look at it with. */
export class BrowserPage {
  readonly #directory: string;
  readonly #browser: Browser;

  private constructor(directory: string, browser: Browser) {
    this.#directory = directory;
    this.#browser = browser;
  }

  static async open(): Promise<BrowserPage> {
    const directory = await mkdtemp(join(tmpdir(), "slipway-page-"));
    const configFile = fileURLToPath(new URL("../../src/web/vite.config.ts", import.meta.url));
    await build({ configFile, logLevel: "error", build: { outDir: directory, emptyOutDir: true } });
    const executablePath = process.env.SLIPWAY_CHROMIUM ?? "/usr/bin/chromium";
    return new BrowserPage(directory, await chromium.launch({ executablePath, args: browserFlags }));
  }

  /** Runs `look` on a new tab over its own fixture; fails on any console error and on any request to elsewhere. */
  async look(
    fixture: Fixture,
    { hash = "#/", ...options }: BrowserContextOptions & { hash?: string },
    look: (page: Page, api: FixtureApi) => Promise<void>,
  ): Promise<void> {
    await using api = await FixtureApi.start(this.#directory, fixture);
    const context = await this.#browser.newContext(options);
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(pageTimeoutMs);
      const wrong = complaintsOf(page, api.url);
      await page.goto(`${api.url}/${hash}`);
      await look(page, api);
      assert.deepEqual(wrong, []);
    } finally {
      await context.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

function complaintsOf(page: Page, home: string): string[] {
  const wrong: string[] = [];
  page.on("pageerror", (error) => wrong.push(`threw: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" && !isExpected(message.text())) wrong.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(`${home}/`)) wrong.push(`left for ${request.url()}`);
  });
  return wrong;
}
