import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SlipwayError } from "#core/errors.ts";
import type { Image } from "#core/release.ts";
import { Secret } from "#core/secret.ts";
import type { Containers, ContainerWish, HostTurn, RegistryLogin } from "./containers.ts";

export type ContainersHarness = {
  readonly containers: Containers;
  /** A turn that is later than all before. */
  readonly at: HostTurn;
  readonly repository: string;
  readonly login?: RegistryLogin | undefined;
  /** A wish with a rollout number of its own, of an image that can be pulled and whose program keeps running. */
  wish(): Promise<ContainerWish>;
  /** Another port of the host that is free; a wish already has one of its own. */
  freePort(): Promise<number>;
  /** An image of the repository that is nowhere. */
  readonly absent: Image;
};

const within = (ms: number) => AbortSignal.timeout(ms);

/** What every container engine must do. `open` is called once per test. */
export function containersContract(name: string, open: () => ContainersHarness): void {
  const look = ({ containers, at, repository }: ContainersHarness, { identity, run }: ContainerWish) =>
    containers.look(at, { ...identity, repository, ports: [run.port], network: run.network }, within(20_000));
  const sightOf = async (harness: ContainersHarness, wish: ContainerWish) =>
    (await look(harness, wish)).containers.find(({ rollout }) => rollout === wish.identity.rollout);
  const begin = async () => {
    const harness = open();
    const wish = await harness.wish();
    await harness.containers.pull(harness.at, wish.image, harness.login, within(60_000));
    return { harness, wish };
  };

  describe(`${name} keeps containers`, () => {
    test("a pulled digest is held; pulling it again is as good", async () => {
      const { harness, wish } = await begin();
      await harness.containers.pull(harness.at, wish.image, harness.login, within(60_000));
      const sight = await look(harness, wish);
      assert.ok(sight.digests.includes(wish.image.digest));
      assert.ok(Math.abs(Date.parse(sight.systemTime) - Date.now()) < 60_000);
    });

    test("a started one runs and is seen as what it is for; starting it again leaves it alone", async () => {
      const { harness, wish } = await begin();
      const first = await harness.containers.start(harness.at, wish, within(30_000));
      const again = await harness.containers.start(harness.at, wish, within(30_000));
      assert.equal(again.id, first.id);
      const { rollout, release, service, environment, host } = wish.identity;
      const what = { service, environment, host, release, rollout };
      const want = { ...what, digest: wish.image.digest, hostPort: wish.hostPort, state: "running" };
      const seen = await sightOf(harness, wish);
      assert.deepEqual(seen, { ...want, id: first.id, name: first.name, restarts: 0 });
      await harness.containers.stop(harness.at, first.name, wish.run.stop, within(30_000));
    });

    test("an older turn is refused and changes nothing; the latest may come again; another place is not affected", async () => {
      const { harness, wish } = await begin();
      const { at, containers } = harness;
      const { name } = await containers.start(at, wish, within(30_000));
      const turn = (change: Partial<HostTurn["turn"]>): HostTurn => ({ ...at, turn: { ...at.turn, ...change } });
      const later = turn({ number: at.turn.number + 1 });
      await containers.startAgain(later, name, within(30_000));
      const stale = containers.stop(at, name, wish.run.stop, within(30_000));
      await assert.rejects(stale, (error) => error instanceof SlipwayError && error.code === "host.fenced");
      assert.equal((await sightOf(harness, wish))?.state, "running");
      await containers.stop(turn({ place: "elsewhere/hello", number: 1 }), `${name}0`, wish.run.stop, within(30_000));
      await containers.stop(later, name, wish.run.stop, within(30_000));
      assert.equal((await sightOf(harness, wish))?.state, "stopped");
    });

    test("two releases of one service run side by side, each at a port of the host; one is stopped, the other is not", async () => {
      const { harness, wish } = await begin();
      const { containers, at } = harness;
      const next = { ...(await harness.wish()), run: wish.run, hostPort: await harness.freePort() };
      const [old, fresh] = [
        await containers.start(at, wish, within(30_000)),
        await containers.start(at, next, within(30_000)),
      ];
      assert.deepEqual([old.hostPort, fresh.hostPort], [wish.hostPort, next.hostPort]);
      await containers.stop(at, old.name, wish.run.stop, within(30_000));
      const seen = async (of: ContainerWish) => {
        const sight = await sightOf(harness, of);
        return [sight?.hostPort, sight?.state];
      };
      assert.deepEqual(await seen(wish), [wish.hostPort, "stopped"]);
      assert.deepEqual(await seen(next), [next.hostPort, "running"]);
      await containers.stop(at, fresh.name, wish.run.stop, within(30_000));
    });

    test("one whose port another has is refused; what has it is not touched", async () => {
      const { harness, wish } = await begin();
      const { containers, at } = harness;
      const { name } = await containers.start(at, wish, within(30_000));
      const rival = { ...(await harness.wish()), run: wish.run, hostPort: wish.hostPort };
      await assert.rejects(
        containers.start(at, rival, within(30_000)),
        (error) => error instanceof SlipwayError && error.code === "container.port-taken",
      );
      assert.equal((await sightOf(harness, wish))?.state, "running");
      await containers.stop(at, name, wish.run.stop, within(30_000));
    });

    test("a stopped one stays, stopped; stopping it again, or one that never was, is as good", async () => {
      const { harness, wish } = await begin();
      const { name } = await harness.containers.start(harness.at, wish, within(30_000));
      await harness.containers.stop(harness.at, name, wish.run.stop, within(30_000));
      await harness.containers.stop(harness.at, name, wish.run.stop, within(30_000));
      await harness.containers.stop(harness.at, `${name}0`, wish.run.stop, within(30_000));
      assert.equal((await sightOf(harness, wish))?.state, "stopped");
    });

    test("a stopped one runs again, by its name or by its identity; twice is as good", async () => {
      const { harness, wish } = await begin();
      const { name, id } = await harness.containers.start(harness.at, wish, within(30_000));
      // The second stop finds it stopped: the engine must still start it when it is asked to.
      for (const _ of [1, 2]) await harness.containers.stop(harness.at, name, wish.run.stop, within(30_000));
      for (const _ of [1, 2]) await harness.containers.startAgain(harness.at, name, within(30_000));
      assert.equal((await sightOf(harness, wish))?.state, "running");
      await harness.containers.stop(harness.at, name, wish.run.stop, within(30_000));
      assert.equal((await harness.containers.start(harness.at, wish, within(30_000))).id, id);
      await harness.containers.stop(harness.at, name, wish.run.stop, within(30_000));
    });

    test("one is described with the names of its variables and its ports; what is withheld is nowhere in it", async () => {
      const { harness, wish } = await begin();
      const { containers, at } = harness;
      const run = { ...wish.run, secrets: ["TOKEN"], env: { ...wish.run.env, LEVEL: "info" } };
      const secrets = { TOKEN: new Secret("hunter2-of-hello") };
      const { name } = await containers.start(at, { ...wish, run, secrets }, within(30_000));
      await containers.stop(at, name, wish.run.stop, within(30_000));
      const { text, environment, ports } = await containers.inspect(at, name, ["TOKEN"], within(10_000));
      assert.doesNotMatch(text, /hunter2/);
      assert.match(text, /LEVEL/);
      assert.deepEqual(
        ["TOKEN", "LEVEL"].filter((variable) => !environment.includes(variable)),
        [],
      );
      assert.deepEqual(ports, [`${wish.run.port}/tcp at ${wish.hostPort}`]);
      const absent = containers.inspect(at, `${name}0`, [], within(10_000));
      await assert.rejects(absent, (error) => error instanceof SlipwayError && error.code === "container.start-failed");
    });

    test("a stopped one that is pruned is gone; one that runs is not touched", async () => {
      const { harness, wish } = await begin();
      const { name } = await harness.containers.start(harness.at, wish, within(30_000));
      const what = { names: [name], repository: harness.repository, keepDigests: [wish.image.digest] };
      await harness.containers.prune(harness.at, what, within(30_000));
      assert.equal((await sightOf(harness, wish))?.state, "running");
      await harness.containers.stop(harness.at, name, wish.run.stop, within(30_000));
      await harness.containers.prune(harness.at, what, within(30_000));
      assert.equal(await sightOf(harness, wish), undefined);
      assert.ok((await look(harness, wish)).digests.includes(wish.image.digest));
    });

    test("an image that is nowhere cannot be pulled or started", async () => {
      const { harness, wish } = await begin();
      const isMissing = (error: unknown) => error instanceof SlipwayError && error.code === "image.missing";
      const absent = { ...wish, image: harness.absent };
      await assert.rejects(
        harness.containers.pull(harness.at, harness.absent, harness.login, within(30_000)),
        isMissing,
      );
      await assert.rejects(harness.containers.start(harness.at, absent, within(30_000)), isMissing);
    });

    test("room is made for one that could be made, before it is started; for one that cannot, nothing is stopped", async () => {
      const { harness, wish } = await begin();
      const { containers, at } = harness;
      const { name } = await containers.start(at, wish, within(30_000));
      const seen: (string | undefined)[] = [];
      const room = {
        stop: [name, `${name}0`],
        how: wish.run.stop,
        whenStopped: async () =>
          void seen.push((await sightOf(harness, wish))?.state, (await sightOf(harness, next))?.state),
      };
      const next = { ...(await harness.wish()), run: wish.run, hostPort: wish.hostPort };
      await assert.rejects(containers.start(at, { ...next, image: harness.absent }, within(30_000), room));
      assert.equal((await sightOf(harness, wish))?.state, "running");
      assert.deepEqual(seen, []);
      const started = await containers.start(at, next, within(30_000), room);
      assert.equal(started.state, "running");
      assert.notEqual(seen[1], "running");
      assert.equal(seen[0], "stopped");
      const again = await containers.start(at, next, within(30_000), { ...room, stop: [started.name] });
      assert.deepEqual([again.id, again.state], [started.id, "running"]);
      await containers.stop(at, again.name, wish.run.stop, within(30_000));
    });

    test("an aborted call rejects with the reason", async () => {
      const { harness, wish } = await begin();
      const why = new Error("cancelled");
      await assert.rejects(harness.containers.start(harness.at, wish, AbortSignal.abort(why)), why);
      assert.equal(await sightOf(harness, wish), undefined);
    });
  });
}
