import assert from "node:assert/strict";
import { test } from "node:test";
import { SlipwayError } from "#core/errors.ts";
import { failureOf, isWorldsAnswer } from "./replies.ts";

/** Recorded from OpenSSH 9.2. */
const changed = `@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
Please contact your system administrator.
Host key for [127.0.0.2]:45269 has changed and you have requested strict checking.
Host key verification failed.
`;
const unknown = `No ED25519 host key is known for [127.0.0.2]:45269 and you have requested strict checking.
Host key verification failed.
`;
const denied = "root@127.0.0.3: Permission denied (publickey,keyboard-interactive).\n";
const refused = "ssh: connect to host 127.0.0.3 port 1: Connection refused\n";
const nothingCame = "kex_exchange_identification: Connection closed by remote host\n";

test("a changed key and an unknown one have the same code and different words", () => {
  assert.deepEqual(failureOf(changed, "direct"), {
    code: "host.key-changed",
    why: "its key is not the one that is known",
  });
  assert.deepEqual(failureOf(unknown, "bastion"), { code: "host.key-changed", why: "its key is not in known_hosts" });
});

test("a refused key is said as such, of the bastion or of the host", () => {
  assert.equal(failureOf(denied, "bastion").code, "bastion.unreachable");
  assert.deepEqual(failureOf(denied, "direct"), {
    code: "host.unreachable",
    why: "it refused the key (permission denied)",
  });
});

test("what ssh says itself is shown; where it says nothing of use, what that means", () => {
  assert.equal(failureOf(refused, "direct").why, refused.trim());
  assert.equal(failureOf("", "direct").why, "ssh gave no reason");
  assert.match(failureOf(nothingCame, "behind the bastion").why, /^the bastion could not connect to it/);
  assert.match(failureOf(nothingCame, "direct").why, /^kex_exchange/);
});

test("only the world's answer holds for everybody who asked; one's own deadline does not", () => {
  assert.equal(isWorldsAnswer(new SlipwayError("host.unreachable", "down")), true);
  assert.equal(isWorldsAnswer(new SlipwayError("deadline.exceeded", "too late")), false);
  assert.equal(isWorldsAnswer(new DOMException("stop", "AbortError")), false);
});
