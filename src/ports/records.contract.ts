import assert from "node:assert/strict";
import { it } from "node:test";
import type { Release } from "#core/release.ts";
import type {
  BuildRecords,
  HeadRecords,
  Holds,
  HostMarks,
  Logs,
  NewRollout,
  ReceiptRecords,
  ReleaseRecords,
  RolloutRecords,
  Timeline,
} from "#ports/records.ts";

export type Records = {
  heads: HeadRecords;
  builds: BuildRecords;
  releases: ReleaseRecords;
  rollouts: RolloutRecords;
  timeline: Timeline;
  logs: Logs;
  holds: Holds;
  hostMarks: HostMarks;
  receipts: ReceiptRecords;
};

const unique = () => crypto.randomUUID();

const release = (service: string, buildId: string): Omit<Release, "number" | "createdAt"> => ({
  service,
  buildId,
  buildNumber: 1,
  source: "hello",
  commit: { sha: "a".repeat(40), branch: "main", subject: "say 'hello'; $(rm -rf /)", author: "ben" },
  image: { repository: "registry/acme/hello", digest: `sha256:${"0".repeat(64)}` },
  run: {
    port: 8080,
    network: "bridge",
    env: {},
    secrets: [],
    volumes: [],
    stop: { signal: "SIGTERM", timeoutMs: 1 },
    limits: {},
  },
  environments: {},
});

/** What every keeper of records promises. */
export function recordsContract(records: () => Records): void {
  const newRollout = (service: string, key = unique()): NewRollout => ({
    key,
    service,
    environment: "integration",
    release: 1,
    reason: "deploy",
    by: "ben",
  });

  it("makes one build for each new head of a branch, and none for the same head again", async () => {
    const { heads } = records();
    const source = unique();
    const at = (branch: string, sha: string) => ({ source, branch, sha });
    const first = await heads.see(source, [at("main", "1"), at("remote-run/ben/x", "2")]);
    assert.deepEqual(
      first.map(({ commit }) => commit.branch),
      ["main", "remote-run/ben/x"],
    );
    assert.deepEqual(await heads.see(source, [at("main", "1"), at("remote-run/ben/x", "2")]), []);
    const second = await heads.see(source, [at("main", "3"), at("remote-run/ben/x", "2")]);
    assert.deepEqual(
      second.map(({ commit, state }) => [commit.sha, state]),
      [["3", "waiting"]],
    );
    assert.ok((second[0]?.number ?? 0) > (first[1]?.number ?? 0), "build numbers grow");
  });

  it("merges what becomes of a build, and lists those that have not ended", async () => {
    const { heads, builds } = records();
    const [build] = await heads.see(unique(), [{ source: "s", branch: unique(), sha: "1" }]);
    assert.ok(build);
    await builds.update(build.id, { state: "running", service: "hello" });
    assert.ok((await builds.open()).some(({ id }) => id === build.id));
    const done = await builds.update(build.id, { state: "succeeded", release: 7 });
    assert.deepEqual([done.service, done.release, done.state, done.number], ["hello", 7, "succeeded", build.number]);
    assert.ok(!(await builds.open()).some(({ id }) => id === build.id));
    assert.equal((await builds.byNumber(build.number))?.id, build.id);
  });

  it("numbers releases per service, and makes one for a build however often it is asked", async () => {
    const { releases } = records();
    const [service, other] = [unique(), unique()];
    const first = await releases.create(release(service, unique()));
    const build = unique();
    const [second, again] = [
      await releases.create(release(service, build)),
      await releases.create(release(service, build)),
    ];
    const elsewhere = await releases.create(release(other, unique()));
    assert.deepEqual([first.number, second.number, again.number, elsewhere.number], [1, 2, 2, 1]);
    assert.deepEqual(
      (await releases.list(service, 10)).map(({ number }) => number),
      [2, 1],
    );
    assert.equal((await releases.get(service, 2))?.commit.subject, "say 'hello'; $(rm -rf /)");
  });

  it("makes one rollout for a key, and lets a newer one take the place of those that wait", async () => {
    const { rollouts } = records();
    const service = unique();
    const wish = newRollout(service);
    const [first, same] = [await rollouts.create(wish), await rollouts.create(wish)];
    assert.equal(first.id, same.id);
    const second = await rollouts.create(newRollout(service));
    assert.equal((await rollouts.get(first.id))?.state, "superseded");
    await rollouts.update(second.id, { state: "running" });
    await rollouts.create(newRollout(service));
    assert.equal((await rollouts.get(second.id))?.state, "running", "one that runs is not touched");
  });

  it("finds the last rollout of a release, however many others came after it", async () => {
    const { rollouts } = records();
    const service = unique();
    for (const release of [1, 2, 1, 3]) {
      const { id } = await rollouts.create({ ...newRollout(service), key: unique(), release });
      await rollouts.update(id, { state: "succeeded" });
    }
    const found = await rollouts.list({ service, states: ["succeeded"], release: 1 }, 1);
    const all = await rollouts.list({ service }, 10);
    assert.deepEqual(
      found.map(({ id }) => id),
      [all[1]?.id],
    );
    assert.deepEqual(await rollouts.list({ service, release: 4 }, 1), []);
  });

  it("does not leave a final state", async () => {
    const { rollouts } = records();
    const made = await rollouts.create(newRollout(unique()));
    await rollouts.update(made.id, { state: "failed" });
    assert.equal((await rollouts.update(made.id, { state: "running" })).state, "failed");
  });

  it("changes what is still in the state that is asked for, and nothing else", async () => {
    const { rollouts } = records();
    const { id } = await rollouts.create(newRollout(unique()));
    await rollouts.update(id, { state: "running" });
    assert.equal((await rollouts.update(id, { state: "cancelled" }, "waiting")).state, "running");
    assert.equal((await rollouts.update(id, { state: "paused" }, "running")).state, "paused");
  });

  it("keeps a roll back waiting when a commit comes, and a newer release when an older one is asked for", async () => {
    const { rollouts } = records();
    const service = unique();
    const newer = await rollouts.create({ ...newRollout(service), release: 9 });
    await rollouts.create({ ...newRollout(service), release: 8, reason: "deploy" });
    assert.equal((await rollouts.get(newer.id))?.state, "waiting");
    const back = await rollouts.create({ ...newRollout(service), release: 7, reason: "rollback" });
    assert.equal((await rollouts.get(newer.id))?.state, "superseded");
    await rollouts.create({ ...newRollout(service), release: 10 });
    assert.equal((await rollouts.get(back.id))?.state, "waiting");
  });

  it("counts the tries of an act in the timeline", async () => {
    const { timeline } = records();
    const place = { rolloutId: unique(), step: "drain", host: "web-1", direction: "forward" } as const;
    await timeline.append({ ...place, phase: "started" });
    const again = await timeline.append({ ...place, phase: "started" });
    const other = await timeline.append({ ...place, host: "web-2", phase: "started" });
    assert.deepEqual([again.attempt, other.attempt], [2, 1]);
    const [, second] = await timeline.of(place.rolloutId);
    assert.equal((await timeline.of(place.rolloutId, second?.seq)).length, 1);
  });

  it("keeps the greater count of traffic and the first reading of counters", async () => {
    const { timeline } = records();
    const id = unique();
    await timeline.noteTraffic(id, "a", { requests: 5, failed: 0, cut: 0 });
    await timeline.noteTraffic(id, "a", { requests: 3, failed: 1, cut: 0 });
    assert.deepEqual(
      (await timeline.traffic(id)).map(({ count }) => count),
      [{ requests: 5, failed: 1, cut: 0 }],
    );
    const reading = { requests: 1, failed: 0, cut: 0, startedAt: "2026-01-01T00:00:00.000Z" };
    await timeline.noteCounters(id, "before x", reading);
    await timeline.noteCounters(id, "before x", { ...reading, requests: 9 });
    assert.equal((await timeline.counters(id))[0]?.counters.requests, 1);
  });

  it("keeps a log in order, and reads on from where a follower was", async () => {
    const { logs } = records();
    const id = unique();
    for (const text of ["one\n", "two\0\u001b[31m\n", "three\n"]) await logs.append(id, text);
    const [first] = await logs.read(id, 0, 1);
    assert.equal(first?.text, "one\n");
    assert.equal((await logs.read(id, first.seq, 10)).length, 2);
    await logs.clear(id);
    assert.deepEqual(await logs.read(id, 0, 10), []);
  });

  it("keeps the first word on what a hold had before, and moves its end", async () => {
    const { holds } = records();
    const hold = {
      id: unique(),
      kind: "drain" as const,
      rolloutId: unique(),
      service: "hello",
      environment: "integration",
      subject: "x",
      before: "in-service",
      until: "2026-01-01T00:00:00.000Z",
    };
    await holds.take(hold);
    const later = "2026-01-01T00:10:00.000Z";
    await holds.take({ ...hold, before: "draining", until: later });
    assert.deepEqual(await holds.ofRollout(hold.rolloutId), [{ ...hold, until: later }]);
    const other = { ...hold, id: unique(), rolloutId: unique() };
    await holds.take(other);
    const latest = "2026-01-01T00:20:00.000Z";
    await holds.renew(hold.rolloutId, latest);
    assert.deepEqual(await holds.ofRollout(hold.rolloutId), [{ ...hold, until: latest }]);
    assert.deepEqual(await holds.ofRollout(other.rolloutId), [other]);
    await holds.release(other.id);
    await holds.release(hold.id);
    assert.deepEqual(await holds.ofRollout(hold.rolloutId), []);
  });

  it("replaces and releases a hold only where it is still as it was seen", async () => {
    const { holds } = records();
    const rest = { service: "hello", environment: "integration", subject: "integration/hello", before: "free" };
    const lock = {
      id: unique(),
      kind: "environment-lock" as const,
      rolloutId: unique(),
      ...rest,
      until: "u",
      by: "ben",
    };
    const kept = async () => (await holds.ofRollout(lock.rolloutId)).filter(({ id }) => id === lock.id);
    assert.equal(await holds.replace(lock, { ...lock, by: "amy" }), false, "there was none to be seen");
    assert.equal(await holds.replace(lock, undefined), true);
    assert.equal(await holds.replace({ ...lock, by: "amy" }, undefined), false, "somebody was faster");
    assert.deepEqual(await kept(), [lock]);
    const next = { ...lock, by: "amy", reason: "migration" };
    assert.equal(await holds.replace(next, lock), true);
    assert.equal(await holds.release(lock.id, lock), false, "it is another one by now");
    assert.deepEqual(await kept(), [next]);
    assert.equal(await holds.release(lock.id, next), true);
    assert.equal(await holds.release(lock.id), false);
    assert.deepEqual(await kept(), []);
    const history = await holds.history(lock.rolloutId);
    assert.deepEqual([history.length, history.every(({ givenBackAt }) => givenBackAt !== undefined)], [2, true]);
  });

  it("keeps what is to be remembered of a host, and no longer than that", async () => {
    const { hostMarks } = records();
    const key = `integration/hello/${unique()}`;
    const kept = async () => (await hostMarks.all()).get(key);
    assert.equal(await kept(), undefined);
    await hostMarks.put(key, { awaySince: "2026-01-01T00:00:00.000Z", refusals: 1 });
    const drift = { what: "stopped", since: "2026-01-01T00:00:00.000Z" };
    await hostMarks.put(key, { drift });
    assert.deepEqual(await kept(), { drift });
    for (let time = 0; time < 2; time++) await hostMarks.put(key, undefined);
    assert.equal(await kept(), undefined);
  });

  it("keeps samples of the counters in order, at times of its own", async () => {
    const { timeline } = records();
    const id = unique();
    const sample = (requests: number) => ({
      part: "prober a",
      observer: "prober" as const,
      count: { requests, failed: 1, cut: 0 },
    });
    await timeline.noteSamples(id, []);
    for (const requests of [3, 3, 9]) await timeline.noteSamples(id, [sample(requests), { ...sample(0), part: "b" }]);
    const kept = await timeline.samples(id);
    assert.deepEqual(
      kept.filter(({ part }) => part === "prober a").map(({ at: _, ...rest }) => rest),
      [sample(3), sample(3), sample(9)],
    );
    assert.equal(kept.length, 6);
    const times = kept.map(({ at }) => at);
    assert.deepEqual(times, times.toSorted());
  });

  it("remembers when a hold was taken and given back, each time", async () => {
    const { holds } = records();
    const [rolloutId, hold] = [unique(), unique()];
    const rest = { service: "hello", environment: "integration", until: "2026-01-01T00:00:00.000Z" };
    const take = () =>
      holds.take({ id: hold, kind: "drain", rolloutId, ...rest, subject: "edge/web-1", before: "in-service" });
    await take();
    await take();
    const [open] = await holds.history(rolloutId);
    assert.deepEqual(
      [open?.kind, open?.subject, open?.before, open?.givenBackAt],
      ["drain", "edge/web-1", "in-service", undefined],
    );
    await holds.release(hold);
    await holds.release(hold);
    await take();
    const history = await holds.history(rolloutId);
    assert.deepEqual(
      history.map(({ givenBackAt }) => givenBackAt !== undefined),
      [true, false],
    );
    assert.equal(history[0]?.takenAt, open?.takenAt);
    assert.ok((history[0]?.givenBackAt ?? "") >= (history[0]?.takenAt ?? "~"));
  });

  it("keeps the last word of a receipt", async () => {
    const { receipts } = records();
    const id = unique();
    assert.equal(await receipts.get(id), undefined);
    const envelope = (payload: string) => ({ payloadType: "t", payload, signatures: [{ keyid: "k", sig: "s" }] });
    await receipts.keep(id, envelope("first"));
    await receipts.keep(id, envelope("second"));
    assert.deepEqual(await receipts.get(id), envelope("second"));
  });
}
