import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { describe, test } from "node:test";
import { runProcess } from "#adapters/process/run-process.ts";
import { running } from "./running.ts";

const env = { PATH: "/usr/bin:/bin" };
const signal = AbortSignal.timeout(60_000);
const sh = (script: string, ...args: string[]) => ["sh", "-c", script, "sh", ...args] as const;
/** A length of sleep that is this test's alone, so that its sleepers can be told from everybody's. */
const ownSleep = (): string => `7${randomInt(10_000, 99_999)}.${randomInt(10_000, 99_999)}`;

describe("running a process", () => {
  test("its exit code and both streams come back, and its input arrives", async () => {
    const end = await runProcess({ argv: sh("cat; echo wrong >&2; exit 7"), env, stdin: "hello\n", signal });
    assert.deepEqual(
      { ...end, tail: [...end.tail.matchAll(/\w+/g)].map(([word]) => word).sort() },
      {
        exitCode: 7,
        stdout: "hello\n",
        stderr: "wrong\n",
        tail: ["hello", "wrong"],
        timedOut: false,
        outputCut: false,
      },
    );
  });

  test("nothing of the server's environment reaches it", async () => {
    process.env.SLIPWAY_SECRET_PASSWORD = "of-the-server";
    const { stdout } = await runProcess({ argv: ["env"], env: { ...env, OWN: "1" }, signal });
    delete process.env.SLIPWAY_SECRET_PASSWORD;
    const names = stdout
      .trim()
      .split("\n")
      .map((line) => line.split("=")[0]);
    assert.deepEqual(names.sort(), ["OWN", "PATH", "SLIPWAY_PROCESS"]);
  });

  test("a grandchild that ignores SIGTERM is gone when the parent has ended", async () => {
    const length = ownSleep();
    const script = `(trap "" TERM; sleep ${length}) & (trap "" TERM; sleep ${length}) & exit 3`;
    const end = await runProcess({ argv: sh(script), env, signal });
    assert.equal(end.exitCode, 3);
    assert.deepEqual(await running(length), []);
  });

  test("a daemon in a session of its own is gone too", async () => {
    const length = ownSleep();
    const end = await runProcess({ argv: sh(`setsid sleep ${length} >/dev/null 2>&1 & sleep 0.2`), env, signal });
    assert.equal(end.exitCode, 0);
    assert.deepEqual(await running(length), []);
  });

  test("a daemon that holds the output open does not hold the caller", async () => {
    const length = ownSleep();
    const began = Date.now();
    await runProcess({ argv: sh(`setsid sh -c 'sleep ${length}' & sleep 0.1; echo said`), env, signal });
    assert.ok(Date.now() - began < 5_000);
    assert.deepEqual(await running(length), []);
  });

  test("50 MB of output stay capped and do not fill the memory", async () => {
    const limit = 1024 * 1024;
    let given = 0;
    const before = process.memoryUsage().rss;
    const end = await runProcess({
      argv: sh("head -c 50000000 /dev/zero | tr '\\0' x; echo; echo the last line"),
      env,
      outputLimitBytes: limit,
      onOutput: (text) => {
        given += text.length;
      },
      signal,
    });
    assert.equal(end.exitCode, 0, "the process went on to its own end");
    assert.equal(end.outputCut, true);
    assert.equal(end.stdout.length, limit);
    assert.ok(given > limit && given < limit + 200, `${given} were given`);
    assert.match(end.tail, /the last line\n$/);
    const grown = (process.memoryUsage().rss - before) / 1024 / 1024;
    assert.ok(grown < 100, `memory grew by ${grown} MiB`);
  });

  test("output that just fits is not called cut, and the limit counts bytes", async () => {
    const fits = await runProcess({ argv: ["printf", "12345678"], env, outputLimitBytes: 8, signal });
    assert.deepEqual([fits.stdout, fits.outputCut], ["12345678", false]);
    const wide = await runProcess({ argv: ["printf", "äöüß€"], env, outputLimitBytes: 8, signal });
    assert.deepEqual([wide.stdout, wide.outputCut], ["äöüß", true]);
  });

  test("one that takes too long is ended and said to have timed out", async () => {
    const length = ownSleep();
    const end = await runProcess({ argv: sh(`echo begun; sleep ${length}; echo never`), env, timeoutMs: 300, signal });
    assert.deepEqual([end.timedOut, end.exitCode, end.signal, end.stdout], [true, undefined, "SIGTERM", "begun\n"]);
    assert.deepEqual(await running(length), []);
  });

  test("one that takes too long and ignores SIGTERM is killed", async () => {
    const length = ownSleep();
    const end = await runProcess({ argv: sh(`trap "" TERM; sleep ${length}`), env, timeoutMs: 200, signal });
    assert.deepEqual([end.timedOut, end.signal], [true, "SIGKILL"]);
    assert.deepEqual(await running(length), []);
  });

  test("aborting ends it and rejects with the reason", async () => {
    const length = ownSleep();
    const stop = new AbortController();
    const run = runProcess({ argv: sh(`sleep ${length} & sleep ${length}`), env, signal: stop.signal });
    setTimeout(() => stop.abort(new Error("a person said so")), 200);
    await assert.rejects(run, /a person said so/);
    assert.deepEqual(await running(length), []);
  });

  test("aborted before it began it is not started", async () => {
    await assert.rejects(
      runProcess({ argv: ["true"], env, signal: AbortSignal.abort(new Error("too late")) }),
      /too late/,
    );
  });

  test("a program that is not there rejects with its name", async () => {
    await assert.rejects(runProcess({ argv: ["slipway-no-such-program"], env, signal }), {
      code: "ENOENT",
      message: /slipway-no-such-program/,
    });
  });

  test("arguments arrive as they are, whatever a shell would make of them", async () => {
    const hostile = ["$(touch x)", "a;b", "'", '"', "*", "-n", "", "ü\n"];
    const { stdout } = await runProcess({ argv: ["printf", "%s\\0", ...hostile], env, signal });
    assert.deepEqual(stdout.split("\0").slice(0, -1), hostile);
  });
});
