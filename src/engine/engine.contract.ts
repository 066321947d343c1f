import assert from "node:assert/strict";
import { it } from "node:test";
import { SlipwayError } from "#core/errors.ts";
import type { Engine, Run, Workflow } from "#engine/run.ts";

type AnyWorkflow = { name: string; run: (run: Run, input: never) => Promise<unknown> };

/** A way to an engine whose journal outlives it. `launch` is called again after `stop` to see a resume. */
export type EngineHarness = { launch(workflows: readonly AnyWorkflow[]): Promise<Engine> };

const second = 1_000;

/** What every engine promises; each case makes workflows of its own. */
export function engineContract(harness: EngineHarness): void {
  const during = async (workflows: readonly AnyWorkflow[], use: (engine: Engine) => Promise<void>) => {
    const engine = await harness.launch(workflows);
    try {
      await use(engine);
    } finally {
      await engine.stop();
    }
  };
  const id = () => crypto.randomUUID();

  it("runs a workflow once, however often it is started with the same id", async () => {
    let runs = 0;
    const once: Workflow<number, number> = {
      name: "once",
      run: (run, input) => run.step("add", second, async () => input + ++runs),
    };
    await during([once], async (engine) => {
      const same = id();
      await engine.start(once, same, 1);
      await engine.start(once, same, 1);
      assert.equal(await engine.result(same), 2);
      assert.equal(runs, 1);
    });
  });

  it("gives a step's failure back with its code and advice", async () => {
    const failing: Workflow<null, string> = {
      name: "failing",
      async run(run) {
        try {
          await run.step("fail", second, async () => {
            throw new SlipwayError("drain.timeout", "4 still in flight", { host: "web-3", advice: "wait" });
          });
          return "no error";
        } catch (thrown) {
          const { code, message, advice, details } = SlipwayError.from(thrown);
          return [code, message, advice, details.host].join("|");
        }
      },
    };
    await during([failing], async (engine) => {
      const run = id();
      await engine.start(failing, run, null);
      assert.equal(await engine.result(run), "drain.timeout|4 still in flight|wait|web-3");
    });
  });

  it("ends a step at its deadline, by its signal", async () => {
    const slow: Workflow<null, string> = {
      name: "slow",
      run: (run) =>
        run
          .step(
            "wait",
            50,
            (signal) =>
              new Promise<string>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
          )
          .catch((thrown) => SlipwayError.from(thrown).code),
    };
    await during([slow], async (engine) => {
      const run = id();
      await engine.start(slow, run, null);
      assert.equal(await engine.result(run), "deadline.exceeded");
    });
  });

  it("runs children side by side and gives their results", async () => {
    let together = 0;
    let most = 0;
    const child: Workflow<number, number> = {
      name: "doubling",
      run: (run, input) =>
        run.step("double", second, async () => {
          most = Math.max(most, ++together);
          await new Promise((resolve) => setTimeout(resolve, 30));
          together--;
          return input * 2;
        }),
    };
    const parent: Workflow<string, number[]> = {
      name: "parent",
      async run(run, prefix) {
        const children = [];
        for (const input of [1, 2, 3]) children.push(await run.child(child, `${prefix}/${input}`, input));
        const results = [];
        for (const started of children) results.push(await started.result());
        return results;
      },
    };
    await during([child, parent], async (engine) => {
      const run = id();
      await engine.start(parent, run, run);
      assert.deepEqual(await engine.result(run), [2, 4, 6]);
      assert.ok(most > 1, "the children ran one after the other");
    });
  });

  it("runs the workflows of one partition one at a time, in order", async () => {
    let running = 0;
    const seen: string[] = [];
    const alone: Workflow<string, void> = {
      name: "alone",
      run: (run, input) =>
        run.step("act", second, async () => {
          assert.equal(++running, 1, "two of one partition ran at once");
          await new Promise((resolve) => setTimeout(resolve, 20));
          seen.push(input);
          running--;
        }),
    };
    await during([alone], async (engine) => {
      const runs = [id(), id(), id()];
      const partition = id();
      for (const run of runs) await engine.start(alone, run, run, { queue: "rollouts", partition });
      for (const run of runs) await engine.result(run);
      assert.deepEqual(seen, runs);
    });
  });

  it("lets a gate through with its message, or without one when its time is over", async () => {
    const gated: Workflow<number, string> = {
      name: "gated",
      run: async (run, timeoutMs) => (await run.gate<string>("go", timeoutMs)) ?? "nobody came",
    };
    await during([gated], async (engine) => {
      const [open, shut] = [id(), id()];
      await engine.start(gated, open, 20 * second);
      await engine.start(gated, shut, second);
      await engine.signal(open, "go", "ben");
      assert.equal(await engine.result(open), "ben");
      assert.equal(await engine.result(shut), "nobody came");
    });
  });

  it("lets one run signal another, once", async () => {
    const gated: Workflow<null, string> = {
      name: "gated",
      run: async (run) => (await run.gate<string>("go", 20 * second)) ?? "nobody came",
    };
    const caller: Workflow<string, string> = {
      name: "caller",
      async run(run, other) {
        await run.signal(other, "go", run.id);
        return run.id;
      },
    };
    await during([gated, caller], async (engine) => {
      const [open, called] = [id(), id()];
      await engine.start(gated, open, null);
      await engine.start(caller, called, open);
      assert.equal(await engine.result(open), called);
    });
  });

  it("resumes after a stop, and repeats only the step that was interrupted", async () => {
    const tries: string[] = [];
    let isSecondLife = false;
    let reached = () => {};
    const isReached = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const long: Workflow<null, string> = {
      name: "long",
      async run(run) {
        await run.step("first", second, async () => void tries.push("first"));
        await run.step("interrupted", 20 * second, (signal) => {
          tries.push("interrupted");
          reached();
          if (isSecondLife) return Promise.resolve();
          return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
        });
        return run.step("last", second, async () => {
          tries.push("last");
          return "done";
        });
      },
    };
    const run = id();
    await during([long], async (engine) => {
      await engine.start(long, run, null);
      await isReached;
    });
    isSecondLife = true;
    await during([long], async (engine) => assert.equal(await engine.result(run), "done"));
    assert.deepEqual(tries, ["first", "interrupted", "interrupted", "last"]);
  });
}
