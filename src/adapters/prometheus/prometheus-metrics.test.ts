import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { Secret } from "#core/secret.ts";
import { prometheusMetrics } from "./prometheus-metrics.ts";

const five = JSON.stringify({ status: "success", data: { resultType: "scalar", result: [1, "5"] } });

describe("a query to a Prometheus", () => {
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  const server = createServer((request, response) => answer(request, response));
  let url = "";
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());

  const ask = async (token?: Secret) => {
    const reasons: string[] = [];
    const wish = { url: `${url}/`, query: "up == 1", ...(token ? { token } : {}) };
    const value = await prometheusMetrics().number(wish, AbortSignal.timeout(5_000), (reason) => reasons.push(reason));
    return { value, reasons };
  };

  it("shows the token where there is one, and only there", async () => {
    const seen: unknown[] = [];
    answer = ({ url: path, headers }, response) => {
      seen.push([path, headers.authorization]);
      response.end(five);
    };
    assert.deepEqual([await ask(new Secret("hidden")), await ask()], Array(2).fill({ value: 5, reasons: [] }));
    const path = "/api/v1/query?query=up+%3D%3D+1";
    assert.deepEqual(seen, [
      [path, "Bearer hidden"],
      [path, undefined],
    ]);
  });

  it("follows no redirect: the token is for that address", async () => {
    const asked: unknown[] = [];
    answer = (request, response) => {
      asked.push(request.url?.split("?")[0]);
      response.writeHead(307, { location: "/elsewhere" }).end();
    };
    const { value, reasons } = await ask(new Secret("hidden"));
    assert.deepEqual([value, reasons.length, asked], [undefined, 1, ["/api/v1/query"]]);
  });

  it("is not measured where it is refused or has no answer, and says why without the token", async () => {
    answer = (_, response) => response.writeHead(401).end("unauthorized");
    const refused = await ask(new Secret("hidden"));
    answer = (request) => void request.socket.destroy();
    const silent = await ask(new Secret("hidden"));
    assert.deepEqual([refused.value, silent.value], [undefined, undefined]);
    const said = [...refused.reasons, ...silent.reasons];
    assert.equal(said.length, 2);
    assert.doesNotMatch(said.join(), /hidden/);
  });

  it("is not measured where the answer has no end", async () => {
    const part = Buffer.alloc(64 * 1024, " ");
    answer = (_, response) => {
      const more = () => response.write(part, (error) => error || setImmediate(more));
      more();
    };
    assert.deepEqual(await ask(), { value: undefined, reasons: ["no answer: it sent more than 256 KiB"] });
  });
});
