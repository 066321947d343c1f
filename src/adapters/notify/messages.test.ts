import assert from "node:assert/strict";
import { test } from "node:test";
import { Secret } from "#core/secret.ts";
import type { Notice } from "#ports/notices.ts";
import { chatMessage, harmless, rolloutId, webhookEvent, webhookId } from "./messages.ts";
import { signedHeaders } from "./signature.ts";

const notice: Notice = {
  event: "succeeded",
  rollout: 7,
  service: "hello",
  environment: "personal/ben",
  release: 3,
  commit: "1a2b3c4d5e6f",
  by: "commit 1a2b3c4 on main",
  text: "3 hosts in 12 s. 1,204 requests, 0 failed.",
  url: "https://slipway.example.com/rollouts/7",
  at: "2026-11-23T16:00:00.000Z",
};

test("a chat message is short and coloured", () => {
  assert.deepEqual(chatMessage(notice), {
    text: "hello release 3 is live in personal/ben",
    attachments: [
      {
        color: "good",
        fallback: "hello release 3 is live in personal/ben",
        title: "Rollout 7",
        title_link: "https://slipway.example.com/rollouts/7",
        text: "3 hosts in 12 s. 1,204 requests, 0 failed.",
        footer: "commit 1a2b3c4, by commit 1a2b3c4 on main",
      },
    ],
  });
  for (const event of ["started", "failed", "put-back"] as const) {
    assert.match(JSON.stringify(chatMessage({ ...notice, event })), /hello/);
  }
});

test("a webhook's events share the rollout's id and differ in their own", () => {
  const { event, at, ...data } = notice;
  assert.deepEqual(webhookEvent(notice), {
    type: `rollout.${event}`,
    timestamp: at,
    data: { id: "hello-personal-ben-7", ...data },
  });
  const started: Notice = { ...notice, event: "started" };
  assert.equal(rolloutId(started), rolloutId(notice));
  assert.notEqual(webhookId(started), webhookId(notice));
  assert.match(webhookId(notice), /^[A-Za-z0-9_-]+$/);
});

test("a hostile commit subject alarms nobody, forges no link and has an end", () => {
  assert.equal(
    harmless("<!channel> & <https://evil.example|log in>", 99),
    "&lt;!channel&gt; &amp; &lt;https://evil.example|log in&gt;",
  );
  assert.equal(
    harmless("ask @all and [here](https://evil.example)", 99),
    "ask @\u200ball and [here]\u200b(https://evil.example)",
  );
  assert.equal(harmless("a\u001b[31mred\u001b[0m\r\n\u0000b \u202egnp.exe", 99), "a [31mred [0m b  gnp.exe");
  assert.equal(harmless("<".repeat(5_000_000), 10), `${"&lt;".repeat(9)}…`);
  assert.equal(harmless("\u{1F600}".repeat(30), 10), `${"\u{1F600}".repeat(9)}…`);
});

test("the signature of the specification's own example", () => {
  const headers = signedHeaders(new Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), {
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    seconds: 1614265330,
    body: '{"test": 2432232314}',
  });
  assert.deepEqual(headers, {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});

test("a signing secret that is none gives no signature", () => {
  for (const wrong of ["", "whsec_", "whsec_short", "whsec_not base64 at all!!!!!!!!"]) {
    assert.equal(signedHeaders(new Secret(wrong), { id: "msg_1", seconds: 1, body: "{}" }), undefined);
  }
});
