import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { sshReach } from "#adapters/ssh/ssh-reach.ts";
import type { NetworkSpec } from "#core/fleet.ts";
import type { Reach } from "#ports/reach.ts";
import { hostSpec, openSite, type Site } from "./site.ts";

describe("a machine that cannot be reached by SSH", () => {
  let site: Site;
  let reach: Reach;
  let directory = "";
  before(async () => {
    site = await openSite();
  });
  after(() => site[Symbol.asyncDispose]());
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "sr-"));
    reach = sshReach({ directory, knownHostsFile: site.knownHostsFile });
  });
  afterEach(async () => {
    await reach[Symbol.asyncDispose]();
    await site.writeKnownHosts(site.bastion, site.host, site.closed);
    await rm(directory, { recursive: true, force: true });
  });
  const open = (network: NetworkSpec) =>
    reach.open(network, { on: hostSpec(site.host), unix: site.engineSocket }, AbortSignal.timeout(40_000));

  test("because its key is another one: host.key-changed, directly, behind the bastion, and of the bastion", async () => {
    await site.host.changeKey();
    const changed = { code: "host.key-changed", message: /127\.0\.0\.3 .*its key is not the one that is known/ };
    await assert.rejects(open(site.withoutBastion()), changed);
    await assert.rejects(open(site.network()), changed);
    await site.bastion.changeKey();
    await assert.rejects(open(site.network()), {
      code: "host.key-changed",
      message: /the bastion 127\.0\.0\.2 .*its key is not the one that is known/,
    });
  });

  test("because its key is unknown: host.key-changed, in other words", async () => {
    await site.writeKnownHosts(site.bastion);
    await assert.rejects(open(site.network()), {
      code: "host.key-changed",
      message: /127\.0\.0\.3 .*not in known_hosts/,
    });
  });

  test("because the bastion is down: bastion.unreachable, also when it was up a moment ago", async () => {
    const endpoint = await open(site.network());
    await site.bastion.stop();
    try {
      reach.forget(site.network(), { on: hostSpec(site.host), unix: site.engineSocket }, endpoint);
      const many = Array.from({ length: 4 }, () => open(site.network()));
      for (const attempt of await Promise.allSettled(many)) {
        assert.equal(attempt.status, "rejected");
        assert.equal(attempt.reason.code, "bastion.unreachable");
        assert.match(attempt.reason.message, /the bastion 127\.0\.0\.2 .*Connection refused/);
      }
    } finally {
      await site.bastion.start();
    }
    await open(site.network());
  });

  test("because the host is down: host.unreachable, with and without a bastion", async () => {
    await site.host.stop();
    try {
      for (const network of [site.withoutBastion(), site.network()])
        await assert.rejects(open(network), (error: Error & { code: string; details: unknown }) => {
          assert.equal(error.code, "host.unreachable");
          assert.match(error.message, /127\.0\.0\.3/);
          assert.doesNotMatch(error.message, /UNKNOWN port/, "words that help nobody");
          return true;
        });
    } finally {
      await site.host.start();
    }
  });

  test("because the bastion does not let us through to it: host.unreachable, and why", async () => {
    const network = site.network({ ssh: { ...site.withoutBastion().ssh, port: 4 } });
    await assert.rejects(open(network), { code: "host.unreachable", message: /bastion/ });
  });

  test("because it refuses the key: said of the one that refused it", async () => {
    const stranger = { user: "root", keyFile: site.strangerKey };
    const refused = /it refused the key \(permission denied\)/;
    const host = site.network({ ssh: { ...stranger, port: site.host.port } });
    await assert.rejects(open(host), { code: "host.unreachable", message: refused });
    const { address, port } = site.bastion;
    const bastion = site.network({ bastion: { ...stranger, address, port } });
    await assert.rejects(open(bastion), { code: "bastion.unreachable", message: refused });
  });

  test("in the time that was given: the caller's own reason comes back, to each its own", async () => {
    const own = AbortSignal.timeout(1);
    const target = { on: hostSpec(site.host), unix: site.engineSocket };
    const [first, second] = await Promise.allSettled([
      reach.open(site.network(), target, own),
      reach.open(site.network(), target, AbortSignal.timeout(40_000)),
    ]);
    assert.equal(first.status === "rejected" && first.reason, own.reason);
    assert.equal(second.status, "fulfilled");
  });
});
