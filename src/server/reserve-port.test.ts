import assert from "node:assert/strict";
import { test } from "node:test";
import { SlipwayError } from "#core/errors.ts";
import { reservePort } from "./reserve-port.ts";

const host = "127.0.0.1";

test("a second server on the port is told so before it resumes anything", async () => {
  const port = 20_000 + (process.pid % 20_000);
  const first = await reservePort({ host, port });
  await assert.rejects(reservePort({ host, port }), (error) => {
    assert.ok(error instanceof SlipwayError && error.code === "server.second", String(error));
    assert.match(error.message, new RegExp(`port ${port}`));
    return true;
  });
  await first[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
  await using _again = await reservePort({ host, port });
});

test("an address that is not this machine's is refused with it", async () => {
  await assert.rejects(reservePort({ host: "192.0.2.1", port: 0 }), /192\.0\.2\.1.*EADDRNOTAVAIL/);
});

test("where any port will do, the one that was found is told", async () => {
  await using found = await reservePort({ host, port: 0 });
  await assert.rejects(reservePort({ host, port: found.port }), { code: "server.second" });
});
