import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type ApiOptions, startApi } from "#api/server.ts";
import { Secret } from "#core/secret.ts";
import { FakeWorld, fakeUseCases } from "./use-cases.ts";

export const fakeToken = "test-token-0123456789";

/** The real API server on loopback with fake use cases; it ends with the test. */
export const startFakeApi = async (test: TestContext, change: Partial<ApiOptions> = {}) => {
  const world = new FakeWorld();
  const logged: string[] = [];
  const directory = await mkdtemp(join(tmpdir(), "slipway-api-"));
  const api = await startApi({
    useCases: fakeUseCases(world),
    follow: world.follow,
    receiptFile: async (id, format) => `${format} of ${id}`,
    token: new Secret(fakeToken),
    host: "127.0.0.1",
    port: 0,
    pageDirectory: directory,
    ready: async () => {},
    log: (line) => logged.push(line),
    version: "1.2.3",
    ...change,
  });
  test.after(async () => {
    await api.close();
    await rm(directory, { recursive: true, force: true });
  });
  return { world, logged, api, url: api.url, directory };
};

/** GET, or POST with the token and a body. */
export const ask = async (url: string, body?: unknown, token: string | undefined = fakeToken): Promise<Response> =>
  body === undefined
    ? fetch(url, { signal: AbortSignal.timeout(5_000) })
    : fetch(url, {
        method: "POST",
        signal: AbortSignal.timeout(5_000),
        headers: { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) },
        body: JSON.stringify(body),
      });
