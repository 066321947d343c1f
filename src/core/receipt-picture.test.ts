import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "#test/seeded-check.ts";
import type { Receipt } from "./receipt.ts";
import { receiptPage } from "./receipt-page.ts";
import { receiptPicture } from "./receipt-picture.ts";

const receipt = (over: Partial<Receipt> = {}): Receipt => ({
  version: 2,
  rollout: 12,
  service: "hello",
  environment: "production",
  release: 7,
  previousRelease: 6,
  commit: "1a2b3c4".padEnd(40, "0"),
  image: `registry.example.com/hello@sha256:${"a".repeat(64)}`,
  by: "ben",
  outcome: "succeeded",
  startedAt: "2026-11-23T12:00:00.000Z",
  endedAt: "2026-11-23T12:00:09.000Z",
  seconds: 9,
  prober: { requests: 90, failed: 0, cut: 0 },
  longestDrainMs: 100,
  holds: [],
  series: { fromMs: 0, everyMs: 1_000, prober: { requests: [10, 12], failed: [0, 2], cut: [0, 0] } },
  hosts: [
    {
      host: "web-1",
      outcome: "put-back",
      stepsMs: { drain: 100 },
      repeated: 0,
      spans: [
        { step: "drain", direction: "forward", end: "succeeded", fromMs: 2_000, toMs: 2_100 },
        { step: "replace", direction: "forward", end: "failed", fromMs: 2_100, toMs: 4_000 },
        { step: "replace", direction: "back", end: "succeeded", fromMs: 4_000, toMs: 5_000 },
      ],
    },
  ],
  ...over,
});

/** Every tag is closed by its own name, and nothing stands outside of the one root. */
function assertWellFormed(svg: string): void {
  const open: string[] = [];
  for (const [, closing, name = "", self] of svg.matchAll(/<(\/?)([a-z]+)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/gi)) {
    if (closing) assert.equal(open.pop(), name);
    else if (!self) open.push(name);
  }
  assert.deepEqual(open, []);
  assert.doesNotMatch(svg.replace(/<\/?[a-z][^<>]*>/gi, ""), /[<]/);
}

test("whatever people wrote stays text, in the picture and on the page", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constant(`"><script>alert(1)</script>`),
    fc.constant("' onload='x"),
    fc.constant("\u202e\u0000\ud800]]>&lt;"),
  );
  fc.assert(
    fc.property(hostile, hostile, (by, name) => {
      const one = receipt({ by, service: name, environment: name, commit: by, image: name });
      const evil = { ...one, hosts: one.hosts.map((host) => ({ ...host, host: name })) };
      const svg = receiptPicture(evil, "auto");
      assertWellFormed(svg);
      for (const text of [svg, receiptPage({ receipt: evil, keyId: by })]) {
        assert.doesNotMatch(text, /<script| on\w+="|url\(|@import/i);
        assert.doesNotMatch(text, /\p{Cs}|\u202e|(?![\t\n\r])\p{Cc}/u);
      }
    }),
  );
});

test("nothing is loaded from anywhere, and the page runs no script", () => {
  const page = receiptPage({ receipt: receipt(), keyId: "k" });
  const addresses = [...page.matchAll(/(?:https?:)?\/\/[^\s"'<]+/g)].map(([address]) => address);
  assert.deepEqual(addresses, ["http://www.w3.org/2000/svg"]);
  assert.doesNotMatch(page, /\b(src|href)=/);
});

test("every number drawn is a number, whatever is missing or was never reached", () => {
  const bare = receipt({ hosts: [], seconds: 0 });
  const { series: _, prober: _prober, ...without } = bare;
  for (const one of [receipt(), bare, without, receipt({ outcome: "stuck", previousRelease: 7 })])
    assert.doesNotMatch(receiptPicture(one, "dark"), /NaN|Infinity|undefined/);
});

test("two hundred hosts and six hundred points stay a picture that can be sent", () => {
  const [host] = receipt().hosts;
  assert.ok(host);
  const hosts = Array.from({ length: 200 }, (_, index) => ({ ...host, host: `web-${index}` }));
  const counts = { requests: Array(600).fill(500), failed: Array(600).fill(1), cut: Array(600).fill(0) };
  const svg = receiptPicture(receipt({ hosts, series: { fromMs: 0, everyMs: 1_000, balancers: counts } }), "light");
  assert.ok(svg.length < 500_000, `${svg.length}`);
  const [, height] = /viewBox="0 0 1200 (\d+)"/.exec(svg) ?? [];
  assert.ok(Number(height) < 1_300, height);
});

test("lost requests are said in words and numbers too", () => {
  const svg = receiptPicture(receipt({ prober: { requests: 90, failed: 2, cut: 0 } }), "light");
  assert.match(svg, />2 lost</);
  assert.match(svg, /aria-label="[^"]*90 requests, 2 failed, 0 cut/);
});

test("a host is drawn with the release it ran itself, one that joined with none, and a count with gaps as at least that", () => {
  const [host] = receipt().hosts;
  assert.ok(host);
  const hosts = [
    { ...host, from: 4 },
    { ...host, host: "web-2", joined: true as const },
  ];
  const picture = receiptPicture(receipt({ hosts, uncounted: ["edge began to count anew."] }), "light");
  assert.match(picture, />r4</);
  assert.doesNotMatch(picture, />r6</, "the release that was live before is not what either of them ran");
  assert.match(picture, />requests at least</);
});

test("a host that served the new release until it was put back with the others is drawn so", () => {
  const [host] = receipt().hosts;
  assert.ok(host);
  const spans = [
    { step: "admit", direction: "forward", end: "succeeded", fromMs: 1_000, toMs: 1_500 },
    { step: "drain", direction: "back", end: "succeeded", fromMs: 6_000, toMs: 6_500 },
  ] as const;
  assert.match(receiptPicture(receipt({ hosts: [{ ...host, spans }] }), "light"), />r7</);
});
