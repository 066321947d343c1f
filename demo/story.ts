import type { RolloutShape } from "../src/contract/shapes.ts";
import { Client } from "./client.ts";
import { brokenHealthError, brokenTestName } from "./hello.ts";
import { commitHello } from "./repository.ts";
import type { Scene, SceneOptions } from "./scene.ts";
import { expect, type Step, StepBook } from "./step-book.ts";

const buildDeadlineMs = 180_000;
const rolloutDeadlineMs = 180_000;

/** Points 2 to 5 of the demo: a first version, a good one, one that is never healthy, one whose test fails. */
export async function tellStory(scene: Scene, { say, signal }: SceneOptions): Promise<Step[]> {
  const client = new Client(scene.url, signal);
  const book = new StepBook(client);
  const commit = (version: number, message: string, broken = {}) =>
    commitHello(scene.repository, { ...scene.hello, version, ...broken }, message);

  say("\nversion 1 is committed");
  await book.step("version 1", async (note) => {
    const sha = note.commit(await commit(1, "Say hello"));
    const rollout = await deliveredBy(client, sha);
    note.outcome(rollout.state);
    expect(rollout.state === "succeeded", `version 1 goes live (${rollout.error?.message ?? rollout.state})`);
    await note.hostsRun(rollout, "every");
  });

  say("users begin to send requests");
  book.watch(scene.startTraffic());

  say("\nversion 2 is committed");
  await book.step("version 2", async (note) => {
    const sha = note.commit(await commit(2, "Say hello more kindly"));
    const rollout = await deliveredBy(client, sha);
    note.outcome(rollout.state);
    expect(rollout.state === "succeeded", `version 2 goes live (${rollout.error?.message ?? rollout.state})`);
    await note.hostsRun(rollout, "every");
    expect(
      rollout.receipt?.prober?.failed === 0 && rollout.receipt.prober.cut === 0,
      "the receipt counts no failed request",
    );
    say(`  receipt: ${receiptLine(rollout)}`);
  });
  const good = book.last.hosts;

  say("\nversion 3 is committed: its health check never passes");
  await book.step("version 3, never healthy", async (note) => {
    const sha = note.commit(await commit(3, "Keep sessions in a store", { breakHealth: true }));
    const rollout = await deliveredBy(client, sha);
    note.outcome(rollout.state);
    expect(rollout.state === "failed", "version 3 is stopped");
    const touched = rollout.receipt?.hosts.filter(({ outcome }) => outcome !== "untouched") ?? [];
    expect(touched.length === 1 && touched[0]?.outcome === "put-back", "only the first host was touched, and put back");
    expect(rollout.error?.lastLines?.includes(brokenHealthError) === true, "the application's own error is shown");
    await note.hostsAre(good);
    expect(
      rollout.receipt?.prober?.failed === 0 && rollout.receipt.prober.cut === 0,
      "the receipt counts no failed request",
    );
    say(`  put back on ${touched[0]?.host}: ${rollout.error?.message}`);
    say(`  the application says: ${lastLineOf(rollout.error?.lastLines)}`);
    say(`  receipt: ${receiptLine(rollout)}`);
  });

  say("\nversion 4 is committed: a unit test fails");
  await book.step("version 4, a test fails", async (note) => {
    const sha = note.commit(await commit(4, "Say it the other way round", { breakTest: true }));
    const build = await client.builtOf(sha, buildDeadlineMs);
    note.outcome(`build ${build.state}`);
    expect(
      build.state === "failed" && build.image === undefined && build.release === undefined,
      "version 4 never becomes an image",
    );
    const failing = build.steps.flatMap(({ tests }) => tests?.failures ?? []);
    expect(
      failing.some(({ name }) => name.includes(brokenTestName)),
      "the failing test is named",
    );
    await note.hostsAre(good);
    say(`  ${build.error?.message}`);
  });
  return book.steps;
}

async function deliveredBy(client: Client, sha: string): Promise<RolloutShape> {
  const build = await client.builtOf(sha, buildDeadlineMs);
  expect(
    build.state === "succeeded",
    `the build of ${sha.slice(0, 12)} succeeds (${build.error?.message ?? ""} ${build.error?.lastLines ?? ""})`,
  );
  expect(build.release !== undefined, "the build becomes a release");
  return client.rolledOut(build.release ?? 0, rolloutDeadlineMs);
}

function receiptLine({ receipt }: RolloutShape): string {
  if (!receipt) return "none";
  const live =
    receipt.commitToLiveSeconds === undefined
      ? `${receipt.outcome} in ${receipt.seconds} s`
      : `commit to live in ${receipt.commitToLiveSeconds} s`;
  const { requests = 0, failed = 0, cut = 0 } = receipt.prober ?? {};
  return `${live}, ${requests} requests, ${failed} failed, ${cut} cut; longest drain ${receipt.longestDrainMs} ms`;
}

const lastLineOf = (text = ""): string => text.trim().split("\n").at(-1) ?? "";
